#include <cstddef>
#include <optional>
#include <string>

#include "holdfast/error.hpp"
#include "holdfast/search_config.hpp"

namespace holdfast {
namespace {

constexpr std::string_view every_element = "[*]";

// Where `[*]` stands outside the quotes of a key, from `from` on; empty where it does not.
std::optional<std::size_t> find_every_element(std::string_view text, std::size_t from) {
  bool in_brackets = false;
  bool in_quotes = false;
  for (std::size_t i = from; i < text.size(); ++i) {
    if (in_quotes) {
      if (text[i] == '\\') {
        ++i;
      } else if (text[i] == '"') {
        in_quotes = false;
      }
    } else if (in_brackets) {
      if (text[i] == '"') in_quotes = true;
      if (text[i] == ']') in_brackets = false;
    } else if (text[i] == '[') {
      if (text.substr(i).starts_with(every_element)) return i;
      in_brackets = true;
    }
  }
  return std::nullopt;
}

// The path in `text` from `from` to `to`, which follows an element when it is not the first.
Path part(std::string_view text, std::size_t from, std::size_t to) {
  std::string_view within = text.substr(from, to - from);
  try {
    if (from > 0 && !within.empty()) {
      if (within[0] != '.' && within[0] != '[') {
        throw_invalid_argument("after ']' follows '.', '[' or the end");
      }
      if (within == ".") throw_invalid_argument("after '.' follows a key");
      if (within[0] == '.') within.remove_prefix(1);
    }
    return {within};
  } catch (const Error& error) {
    throw_invalid_argument("search path '" + std::string(text) + "', in the part from byte " +
                           std::to_string(from) + ": " + error.message());
  }
}

void resolve_from(const std::vector<Path>& parts, std::size_t index, const MemoryValue& value,
                  const std::function<void(const MemoryValue&)>& sink) {
  const auto found = parts[index].resolve(value);
  if (!found) return;
  if (index + 1 == parts.size()) {
    sink(*found);
  } else if (found->kind() == ValueKind::list) {
    for (const MemoryItem& element : found->items()) {
      resolve_from(parts, index + 1, element.value, sink);
    }
  }
}

}  // namespace

SearchPath::SearchPath(std::string_view text) : text_(text) {
  parts_.clear();
  std::size_t from = 0;
  while (const auto at = find_every_element(text, from)) {
    parts_.push_back(part(text, from, *at));
    from = *at + every_element.size();
    if (parts_.size() > Path::max_steps) {
      throw_invalid_argument("search path: over " + std::to_string(Path::max_steps) +
                             " times [*], the most that is allowed");
    }
  }
  parts_.push_back(part(text, from, text.size()));
}

void SearchPath::resolve(const MemoryValue& value,
                         const std::function<void(const MemoryValue&)>& sink) const {
  resolve_from(parts_, 0, value, sink);
}

}  // namespace holdfast
