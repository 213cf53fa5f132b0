// postgresql_test_cluster start|stop LINK
//
// The server that the tests of one run of ctest share. `start` returns when it accepts connections
// at the Unix socket in the folder that LINK leads to; it stays until `stop`, or until the process
// that called `start`, which is ctest, has gone. Runs at the same time in the same build folder
// share it: it stays for the last of them. Nothing is done where HOLDFAST_TEST_POSTGRES_URL says
// that there is a server already.
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <iostream>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "descriptor.hpp"
#include "postgresql_server.hpp"

namespace holdfast::testing {
namespace {

[[noreturn]] void fail(const std::string& doing) {
  throw std::system_error(errno, std::generic_category(), doing);
}

// Where the holder of the server listens: a name without a file, which goes with the holder. A root
// of another system (chroot) has another /tmp, and so another server.
class Address {
 public:
  explicit Address(const std::string& link) {
    struct stat temporary {};
    if (::stat("/tmp", &temporary) != 0) fail("/tmp");
    const std::string name =
        link + ":" + std::to_string(temporary.st_dev) + ":" + std::to_string(temporary.st_ino);
    if (name.size() + 1 > sizeof address_.sun_path) {
      throw std::runtime_error("this link's name is too long: " + link);
    }
    address_.sun_family = AF_UNIX;
    std::memcpy(address_.sun_path + 1, name.data(), name.size());
    size_ = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + name.size());
  }

  // Empty where somebody listens there already.
  [[nodiscard]] std::optional<Descriptor> listen() const {
    Descriptor socket = make_socket();
    if (::bind(socket.get(), generic(), size_) != 0) {
      if (errno == EADDRINUSE) return std::nullopt;
      fail("bind");
    }
    if (::listen(socket.get(), 64) != 0) fail("listen");
    return socket;
  }

  // Empty where nobody listens there.
  [[nodiscard]] std::optional<Descriptor> connect() const {
    Descriptor socket = make_socket();
    if (::connect(socket.get(), generic(), size_) == 0) return socket;
    if (errno == ECONNREFUSED) return std::nullopt;
    fail("connect");
  }

 private:
  static Descriptor make_socket() {
    Descriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (socket.get() < 0) fail("socket");
    return socket;
  }
  [[nodiscard]] const sockaddr* generic() const {
    return reinterpret_cast<const sockaddr*>(&address_);
  }

  sockaddr_un address_{};
  socklen_t size_ = 0;
};

void send_line(const Descriptor& socket, const std::string& text) {
  const std::string line = text + "\n";
  // Whoever has gone needs no answer.
  static_cast<void>(::send(socket.get(), line.data(), line.size(), MSG_NOSIGNAL));
}

// Up to a line feed or the end.
std::string receive_line(const Descriptor& socket) {
  std::string line;
  char c = 0;
  while (true) {
    const ssize_t n = ::recv(socket.get(), &c, 1, 0);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0 || c == '\n') return line;
    line += c;
  }
}

// A process for which the server is there.
struct User {
  pid_t pid;
  Descriptor process;  // Readable when it has ended.
};

// Lives in a process of its own, and ends when no user is left.
class Holder {
 public:
  Holder(Descriptor listener, PostgresqlServerOptions options)
      : listener_(std::move(listener)), server_(std::in_place, std::move(options)) {}

  void add(pid_t pid) {
    const auto process = static_cast<int>(::syscall(SYS_pidfd_open, pid, 0));
    if (process >= 0) users_.push_back({pid, Descriptor(process)});
  }

  void serve() {
    while (!users_.empty()) {
      std::vector<pollfd> awaited = {{listener_.get(), POLLIN, 0}};
      for (const User& user : users_) awaited.push_back({user.process.get(), POLLIN, 0});
      // The bound is for a user that was adopted and never ends.
      const int ready = ::poll(awaited.data(), awaited.size(), longest_life_ms);
      if (ready < 0 && errno == EINTR) continue;
      if (ready <= 0) return;
      for (std::size_t i = users_.size(); i > 0; --i) {
        if (awaited[i].revents != 0) users_.erase(users_.begin() + static_cast<long>(i - 1));
      }
      if (awaited[0].revents != 0) answer();
    }
  }

 private:
  static constexpr int longest_life_ms = 12 * 60 * 60 * 1000;

  // One line: `hold PID` or `release PID`.
  void answer() {
    const Descriptor socket(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
    if (socket.get() < 0) return;
    const std::string line = receive_line(socket);
    const std::size_t space = line.find(' ');
    pid_t pid = 0;
    if (space == std::string::npos) return;
    std::from_chars(line.data() + space + 1, line.data() + line.size(), pid);
    if (line.starts_with("hold")) add(pid);
    if (line.starts_with("release")) {
      std::erase_if(users_, [&](const User& user) { return user.pid == pid; });
      // Before the answer, so that nothing is left when `stop` has ended.
      if (users_.empty()) end();
    }
    send_line(socket, "ok");
  }

  // Whoever comes from now on starts another server.
  void end() {
    listener_.reset();
    server_.reset();
  }

  Descriptor listener_;
  std::optional<PostgresqlServer> server_;
  std::vector<User> users_;
};

void detach(const Descriptor& kept) {
  ::setsid();
  const int nowhere = ::open("/dev/null", O_RDWR);
  for (const int standard : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    ::dup2(nowhere, standard);
  }
  // Whatever ctest left open would be taken for output that is still to come.
  ::close_range(STDERR_FILENO + 1, static_cast<unsigned>(kept.get() - 1), 0);
  ::close_range(static_cast<unsigned>(kept.get() + 1), ~0U, 0);
}

// What the holder's process does. Tells `report` "ok" when the server runs, what is wrong, or
// nothing where another holder was quicker.
void hold(const std::string& link, pid_t user, const Descriptor& report) {
  try {
    std::optional<Descriptor> listener = Address(link).listen();
    if (!listener) return;
    PostgresqlServerOptions options = shared_server_options();
    options.link = link;
    Holder holder(std::move(*listener), std::move(options));
    holder.add(user);
    send_line(report, "ok");
    holder.serve();
  } catch (const std::exception& error) {
    send_line(report, error.what());
  }
}

// What the new holder reports, "" where there is one already.
std::string start_holder(const std::string& link, pid_t user) {
  std::array<int, 2> ends{};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) fail("socketpair");
  Descriptor own(ends[0]);
  Descriptor other(ends[1]);
  const pid_t child = ::fork();
  if (child < 0) fail("fork");
  if (child == 0) {
    detach(other);
    hold(link, user, other);
    std::_Exit(0);
  }
  other.reset();
  std::string report;
  std::array<char, 4096> buffer{};
  while (report != "ok\n") {
    const ssize_t n = ::recv(own.get(), buffer.data(), buffer.size(), 0);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) break;
    report.append(buffer.data(), static_cast<std::size_t>(n));
  }
  return report;
}

// What there is to say about it; throws where no server can be had.
std::string start(const std::string& link, pid_t user) {
  const Address address(link);
  while (true) {
    if (const std::optional<Descriptor> holder = address.connect()) {
      send_line(*holder, "hold " + std::to_string(user));
      if (receive_line(*holder) == "ok") return "the server in " + link + " runs already";
      continue;  // It was about to end.
    }
    const std::string report = start_holder(link, user);
    if (report == "ok\n") return "started a server in " + link;
    if (!report.empty()) throw std::runtime_error(report);
  }
}

void stop(const std::string& link, pid_t user) {
  if (const std::optional<Descriptor> holder = Address(link).connect()) {
    send_line(*holder, "release " + std::to_string(user));
    receive_line(*holder);
  }
}

int run(const std::vector<std::string_view>& arguments) {
  if (arguments.size() != 2 || (arguments[0] != "start" && arguments[0] != "stop")) {
    std::cerr << "usage: postgresql_test_cluster start|stop LINK\n";
    return 2;
  }
  const char* const given = std::getenv("HOLDFAST_TEST_POSTGRES_URL");
  if (given != nullptr && *given != '\0') {
    std::cout << "the tests use the server of HOLDFAST_TEST_POSTGRES_URL\n";
    return 0;
  }
  const std::string link(arguments[1]);
  if (arguments[0] == "start") {
    std::cout << start(link, ::getppid()) << '\n';
  } else {
    stop(link, ::getppid());
  }
  return 0;
}

}  // namespace
}  // namespace holdfast::testing

int main(int argc, char** argv) {
  try {
    return holdfast::testing::run({argv + 1, argv + argc});
  } catch (const std::exception& error) {
    std::cerr << "postgresql_test_cluster: " << error.what() << '\n';
    return 1;
  }
}
