/// @file
/// Loses connections to a PostgreSQL server at chosen points.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace holdfast::testing {

/// What a client sent: one message of PostgreSQL's protocol.
struct ClientMessage {
  char type;              ///< 'Q', 'P', 'B', 'E', 'S'...; '\0' for a connection's first message.
  std::string_view body;  ///< What follows the length: names, SQL and values among zero bytes.
};

using MessageCondition = std::function<bool(const ClientMessage&)>;

/// The `nth` message that is of one of `types` and contains `text`, counted over all connections.
[[nodiscard]] MessageCondition message_with(std::string types, std::string text, int nth = 1);

struct Cut {
  enum class Moment : std::uint8_t {
    before_forwarding,  ///< The server never sees the message.
    after_forwarding,   ///< At once: the server has the message, but not what follows it, such as
                        ///< the 'S' after an 'E', without which nothing is committed.
    before_answer,      ///< When the server is done, up to its next "ready for query": what the
                        ///< message asks for has happened, and nothing of the answer went back.
    in_answer,          ///< After `answer_bytes` of the answer.
  };
  Moment moment = Moment::before_answer;
  std::size_t answer_bytes = 0;
  bool reset = false;  ///< By RST, which the client sees as an error, instead of by an end.
};

/// Stands between clients and a server: listens at a free port of 127.0.0.1, and hands on what
/// comes to the server, and its answers back, in threads of its own, until a message meets a
/// condition. It answers that there is no TLS. Safe to use from many threads.
///
///     CuttingProxy proxy(shared_server_url());
///     proxy.cut_when(message_with("Q", "COMMIT"), {.moment = Cut::Moment::before_answer});
///     ... a client of proxy.url() loses its connection in doubt ...
///
/// Each cut_when and stall_when holds for one message, of whatever connection, and is over then.
/// Conditions are asked one at a time, in the order in which they were set.
class CuttingProxy {
 public:
  /// `server_url` is one for libpq, with a single host.
  explicit CuttingProxy(const std::string& server_url);
  ~CuttingProxy();  ///< Cuts every connection.
  CuttingProxy(const CuttingProxy&) = delete;
  CuttingProxy& operator=(const CuttingProxy&) = delete;

  /// `server_url` with this proxy in the server's place.
  [[nodiscard]] std::string url() const;
  [[nodiscard]] int port() const;

  /// Closes the connection, at both sides, on which a message meets the condition.
  void cut_when(MessageCondition condition, Cut cut = {});
  /// From such a message on, it included, the server gets what the client sends, and the client
  /// gets nothing.
  void stall_when(MessageCondition condition);
  /// Takes back every cut and stall that did not happen yet.
  void forget();
  /// Closes every connection there is.
  void cut_all(bool reset = false);
  /// While on, new connections are closed as soon as they are made.
  void refuse_connections(bool refuse);

  /// How many cuts and stalls that were asked for have happened. A client that lost its connection
  /// finds it counted.
  [[nodiscard]] std::size_t happened() const;
  /// Waits until `count` of them have.
  void wait_until_happened(std::size_t count = 1) const;
  /// How many connections were made so far, refused ones included.
  [[nodiscard]] std::size_t accepted() const;

 private:
  class Shared;
  class Link;
  void accept_all();

  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace holdfast::testing
