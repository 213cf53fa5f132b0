#include "validate.hpp"

#include <string>

#include "holdfast/entry.hpp"
#include "holdfast/error.hpp"
#include "utf8.hpp"

namespace holdfast {
namespace {

void check_key_text(std::string_view text, std::string_view what) {
  if (text.size() > max_key_bytes) {
    throw_invalid_argument("the " + std::string(what) + " has " + std::to_string(text.size()) +
                           " bytes; at most " + std::to_string(max_key_bytes) + " are allowed");
  }
  if (text.find('\0') != std::string_view::npos) {
    throw_invalid_argument("the " + std::string(what) + " contains U+0000 at byte " +
                           std::to_string(text.find('\0')) + "; any other character is allowed");
  }
  if (!is_valid_utf8(text)) {
    throw_invalid_argument("the " + std::string(what) + " is not valid UTF-8");
  }
}

}  // namespace

void check_key(std::string_view key) { check_key_text(key, "key"); }

void check_key_prefix(std::string_view prefix) { check_key_text(prefix, "key prefix"); }

void check_namespace(const Namespace& ns) {
  if (ns.is_reserved()) {
    throw_invalid_argument("the namespace \"" + std::string(ns.text()) +
                           "\" is reserved: first segments that begin with \"$holdfast\" are the "
                           "library's own");
  }
}

void check_value(const MemoryValue& value) {
  const std::size_t size = value.json_text().size();
  if (size > max_value_bytes) {
    throw_invalid_argument("the value has " + std::to_string(size) + " bytes; at most " +
                           std::to_string(max_value_bytes) + " are allowed");
  }
}

void check_options(const SetOptions& options) {
  if (options.ttl && options.keep_ttl) {
    throw_invalid_argument("ttl and keep_ttl exclude each other; give one of them");
  }
}

}  // namespace holdfast
