#include <algorithm>
#include <charconv>
#include <cstddef>

#include "holdfast/open.hpp"

namespace holdfast {
namespace {

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::string percent_decoded(std::string_view text) {
  std::string decoded;
  decoded.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      decoded += text[i];
      continue;
    }
    const int high = i + 2 < text.size() ? hex_digit(text[i + 1]) : -1;
    const int low = high >= 0 ? hex_digit(text[i + 2]) : -1;
    if (low < 0) {
      throw_invalid_argument(
          "the store's URL has a '%' that two hexadecimal digits do not "
          "follow; write a literal one as %25");
    }
    decoded += static_cast<char>(high * 16 + low);
    i += 2;
  }
  if (decoded.find('\0') != std::string::npos) {
    throw_invalid_argument("the store's URL contains U+0000");
  }
  return decoded;
}

bool is_scheme(std::string_view text) {
  const auto is_allowed = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
  return !text.empty() && std::all_of(text.begin(), text.end(), is_allowed);
}

std::string joined(const auto& words) {
  std::string text;
  for (const auto& word : words) {
    if (!text.empty()) text += ", ";
    text += word;
  }
  return text;
}

[[noreturn]] void refuse_option(std::string_view name, std::string_view allowed) {
  // The value is not repeated: it may be a secret put in the wrong place.
  throw_invalid_argument("the option \"" + std::string(name) + "\" takes " + std::string(allowed));
}

// The number that `text` begins with, and what follows it.
std::optional<std::pair<std::uint64_t, std::string_view>> number_and_suffix(std::string_view text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{}) return std::nullopt;
  return std::pair(number, text.substr(static_cast<std::size_t>(end - text.data())));
}

// `number` times `factor`, or empty where that passes the signed 64-bit range.
std::optional<std::uint64_t> scaled(std::uint64_t number, std::uint64_t factor) {
  if (number > static_cast<std::uint64_t>(INT64_MAX) / factor) return std::nullopt;
  return number * factor;
}

struct Unit {
  std::string_view suffix;
  std::uint64_t factor;
};

std::optional<std::uint64_t> number_with_unit(std::string_view text,
                                              std::initializer_list<Unit> units) {
  const auto parsed = number_and_suffix(text);
  if (!parsed) return std::nullopt;
  for (const Unit& unit : units) {
    if (parsed->second == unit.suffix) return scaled(parsed->first, unit.factor);
  }
  return std::nullopt;
}

}  // namespace

StoreUrl::StoreUrl(std::string_view text) {
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos || !is_scheme(text.substr(0, colon))) {
    throw_invalid_argument(
        "a store's URL begins with a scheme of lower-case letters and digits and a colon, such as "
        "\"sqlite:agent.db\"");
  }
  scheme_ = text.substr(0, colon);
  const std::size_t question = text.find('?', colon);
  body_ = text.substr(colon + 1, question == std::string_view::npos ? std::string_view::npos
                                                                    : question - colon - 1);
  if (question == std::string_view::npos) return;
  for (std::string_view rest = text.substr(question + 1); !rest.empty();) {
    const std::string_view option = rest.substr(0, rest.find('&'));
    rest.remove_prefix(std::min(rest.size(), option.size() + 1));
    const std::size_t equals = option.find('=');
    if (equals == std::string_view::npos || equals == 0) {
      throw_invalid_argument(
          "the options of a store's URL have the form name=value, joined by "
          "'&'");
    }
    const std::string name = percent_decoded(option.substr(0, equals));
    if (!options_.emplace(name, percent_decoded(option.substr(equals + 1))).second) {
      throw_invalid_argument("the option \"" + name + "\" is given twice");
    }
  }
}

std::string StoreUrl::decoded_body() const { return percent_decoded(body_); }

std::optional<std::string> StoreUrl::take_text(std::string_view name) {
  const auto found = options_.find(name);
  if (found == options_.end()) return std::nullopt;
  return std::move(options_.extract(found).mapped());
}

std::optional<bool> StoreUrl::take_bool(std::string_view name) {
  const auto choice = take_choice(name, {"on", "off", "true", "false"});
  if (!choice) return std::nullopt;
  return *choice % 2 == 0;
}

std::optional<std::uint64_t> StoreUrl::take_number(std::string_view name) {
  const auto text = take_text(name);
  if (!text) return std::nullopt;
  const auto number = number_with_unit(*text, {{"", 1}});
  if (!number) refuse_option(name, "a whole number of 0 or more");
  return number;
}

std::optional<std::uint64_t> StoreUrl::take_bytes(std::string_view name) {
  const auto text = take_text(name);
  if (!text) return std::nullopt;
  const auto bytes =
      number_with_unit(*text, {{"", 1}, {"KiB", 1U << 10}, {"MiB", 1U << 20}, {"GiB", 1U << 30}});
  if (!bytes) refuse_option(name, "a number of bytes, such as 4096, 64KiB, 16MiB or 1GiB");
  return bytes;
}

std::optional<std::chrono::milliseconds> StoreUrl::take_duration(std::string_view name) {
  const auto text = take_text(name);
  if (!text) return std::nullopt;
  const auto ms = number_with_unit(*text, {{"ms", 1}, {"s", 1000}, {"min", 60'000}});
  if (!ms) refuse_option(name, "a duration, such as 250ms, 5s or 2min");
  return std::chrono::milliseconds(static_cast<std::int64_t>(*ms));
}

std::optional<std::size_t> StoreUrl::take_choice(std::string_view name,
                                                 std::initializer_list<std::string_view> choices) {
  const auto text = take_text(name);
  if (!text) return std::nullopt;
  const auto found = std::find(choices.begin(), choices.end(), *text);
  if (found == choices.end()) refuse_option(name, "one of " + joined(choices));
  return static_cast<std::size_t>(found - choices.begin());
}

void StoreUrl::refuse_rest(std::initializer_list<std::string_view> known) const {
  if (options_.empty()) return;
  throw_invalid_argument(
      "the store's URL has the unknown option \"" + options_.begin()->first + "\"; " +
      (known.size() == 0 ? "this scheme takes none" : "known are " + joined(known)));
}

}  // namespace holdfast
