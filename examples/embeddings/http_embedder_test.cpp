// Time limits and cancellation, on a server that takes connections and says nothing.
#include "http_embedder.hpp"

#include <gmock/gmock.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <stdexcept>
#include <stop_token>
#include <thread>

#include "holdfast/error.hpp"

namespace example {
namespace {

using holdfast::Context;
using holdfast::Error;
using holdfast::ErrorCode;
using std::chrono::milliseconds;
using std::chrono::steady_clock;
using testing::HasSubstr;

class SilentServer {
 public:
  SilentServer() : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
    ::setenv("no_proxy", "*", 1);  // The machine may have a proxy.
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof address;
    auto* const any = reinterpret_cast<sockaddr*>(&address);
    if (::bind(socket_, any, length) != 0 || ::listen(socket_, 1) != 0 ||
        ::getsockname(socket_, any, &length) != 0) {
      throw std::runtime_error("no port of the loopback device");
    }
    port_ = ntohs(address.sin_port);
  }
  SilentServer(const SilentServer&) = delete;
  SilentServer& operator=(const SilentServer&) = delete;
  ~SilentServer() { ::close(socket_); }

  [[nodiscard]] std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }
  /// The connection, once somebody made one.
  [[nodiscard]] int wait_for_connection() const { return ::accept(socket_, nullptr, nullptr); }

 private:
  int socket_;
  int port_ = 0;
};

Error error_of(const EmbeddingEndpoint& endpoint, const Context& context) {
  try {
    const HttpEmbedder embedder(endpoint, context);
  } catch (const Error& error) {
    return error;
  }
  throw std::runtime_error("there was an answer");
}

TEST(HttpEmbedder, NoAnswerInTimeIsUnavailable) {
  const SilentServer server;
  const Error error = error_of({server.url(), "model", "", milliseconds(50)}, {});
  EXPECT_EQ(error.code(), ErrorCode::unavailable);
  EXPECT_THAT(error.message(), HasSubstr("within 50 ms"));
}

TEST(HttpEmbedder, ADeadlineThatComesEarlierCounts) {
  const SilentServer server;
  const Context soon{.deadline = steady_clock::now() + milliseconds(50)};
  EXPECT_EQ(error_of({server.url(), "model"}, soon).code(), ErrorCode::deadline_exceeded);
}

TEST(HttpEmbedder, ADeadlineThatHasPassedAsksNobody) {
  const Context past{.deadline = steady_clock::now() - milliseconds(1)};
  EXPECT_EQ(error_of({"http://no.such.server.invalid", "model"}, past).code(),
            ErrorCode::deadline_exceeded);
}

TEST(HttpEmbedder, AStopEndsARequestConcurrently) {
  const SilentServer server;
  std::stop_source source;
  std::jthread stopper([&] {
    const int connection = server.wait_for_connection();
    source.request_stop();
    // Open until the stop is known, so that nothing else ends the request.
    std::array<char, 4096> request{};
    while (::read(connection, request.data(), request.size()) > 0) continue;
    ::close(connection);
  });
  const Context context{.stop = source.get_token()};
  EXPECT_EQ(error_of({server.url(), "model"}, context).code(), ErrorCode::cancelled);
}

TEST(HttpEmbedder, AKeyThatWouldBeAnotherHeaderIsRefused) {
  const Error error = error_of({"http://127.0.0.1:1", "model", "key\r\nHost: elsewhere"}, {});
  EXPECT_EQ(error.code(), ErrorCode::invalid_argument);
  EXPECT_THAT(error.message(), testing::Not(HasSubstr("elsewhere")));
}

}  // namespace
}  // namespace example
