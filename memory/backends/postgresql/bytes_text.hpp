// Bytes as they go to the server and come from it: text.
#pragma once

#include <string>
#include <string_view>

namespace holdfast::postgresql {

// The server's text form of bytes.
[[nodiscard]] std::string bytea_text(std::string_view bytes);
// What `encode(bytes, 'hex')` gave.
[[nodiscard]] std::string from_hex(std::string_view text);

}  // namespace holdfast::postgresql
