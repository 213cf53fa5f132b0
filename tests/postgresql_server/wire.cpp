#include "wire.hpp"

#include <algorithm>

namespace holdfast::testing {
namespace {

constexpr std::size_t length_size = 4;

// Big-endian.
std::size_t number_at(std::string_view bytes, std::size_t position) {
  std::size_t number = 0;
  for (const char c : bytes.substr(position, length_size)) {
    number = number << 8U | static_cast<unsigned char>(c);
  }
  return number;
}

}  // namespace

// A message is its type and its length, which counts itself but not the type; the first has no
// type.
std::optional<std::string> ClientStream::next() {
  const std::size_t type_size = at_start_ ? 0 : 1;
  if (pending_.size() < type_size + length_size) return std::nullopt;
  const std::size_t size = type_size + number_at(pending_, type_size);
  if (pending_.size() < size) return std::nullopt;
  std::string framed = pending_.substr(0, size);
  pending_.erase(0, size);
  return framed;
}

ClientMessage ClientStream::message(std::string_view framed, bool first) {
  if (first) return {'\0', framed.substr(length_size)};
  return {framed.front(), framed.substr(1 + length_size)};
}

bool asks_for_encryption(const ClientMessage& message) {
  constexpr std::size_t tls = 80877103;
  constexpr std::size_t gssapi = 80877104;
  if (message.type != '\0' || message.body.size() != length_size) return false;
  const std::size_t code = number_at(message.body, 0);
  return code == tls || code == gssapi;
}

std::size_t ServerStream::add(std::string_view bytes) {
  std::size_t found = 0;
  while (!bytes.empty()) {
    const std::size_t wanted = body_left_ > 0 ? body_left_ : 1 + length_size - head_.size();
    const std::string_view part = bytes.substr(0, wanted);
    bytes.remove_prefix(part.size());
    if (body_left_ > 0) {
      body_left_ -= part.size();
      continue;
    }
    head_ += part;
    if (head_.size() < 1 + length_size) continue;
    if (head_.front() == 'Z') ++found;
    body_left_ = number_at(head_, 1) - length_size;
    head_.clear();
  }
  return found;
}

}  // namespace holdfast::testing
