// As much of PostgreSQL's protocol, version 3, as it takes to tell one message from the next.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "cutting_proxy.hpp"

namespace holdfast::testing {

// The client's bytes, put together to messages.
class ClientStream {
 public:
  void add(std::string_view bytes) { pending_ += bytes; }
  // The next whole message with its frame; empty where there is none yet.
  [[nodiscard]] std::optional<std::string> next();
  // What `framed`, which next() gave, says.
  [[nodiscard]] static ClientMessage message(std::string_view framed, bool first);
  // Whether next() gave nothing yet but requests for encryption, which do not count.
  [[nodiscard]] bool at_start() const { return at_start_; }
  void started() { at_start_ = false; }

 private:
  std::string pending_;
  bool at_start_ = true;
};

// Whether a connection's first message asks for encryption: TLS or GSSAPI.
[[nodiscard]] bool asks_for_encryption(const ClientMessage& message);

// Finds the ends of answers in the server's bytes.
class ServerStream {
 public:
  // How many messages "ready for query" begin in these bytes.
  std::size_t add(std::string_view bytes);

 private:
  std::string head_;           // Of a message: its type and its length, as far as they are here.
  std::size_t body_left_ = 0;  // Of the message whose head is known.
};

}  // namespace holdfast::testing
