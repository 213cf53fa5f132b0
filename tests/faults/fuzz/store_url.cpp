// Store URLs: taken apart as a plain reading of their form does, and no value of an option is ever
// repeated in a message, as it may be a secret in the wrong place (contract, clause 11.2).
#include <algorithm>
#include <cctype>
#include <map>
#include <vector>

#include "fuzz_input.hpp"
#include "holdfast/in_memory.hpp"
#include "holdfast/open.hpp"

namespace holdfast::fault_tests {
namespace {

using Options = std::map<std::string, std::string>;

// Empty for a '%' without two hexadecimal digits behind it, and for U+0000.
std::optional<std::string> decoded(std::string_view text) {
  std::string result;
  while (!text.empty()) {
    if (text.front() != '%') {
      result += text.front();
      text.remove_prefix(1);
      continue;
    }
    const auto is_hex = [](char c) { return std::isxdigit(static_cast<unsigned char>(c)) != 0; };
    if (text.size() < 3 || !is_hex(text[1]) || !is_hex(text[2])) return std::nullopt;
    result += static_cast<char>(std::stoi(std::string(text.substr(1, 2)), nullptr, 16));
    text.remove_prefix(3);
  }
  if (result.find('\0') != std::string::npos) return std::nullopt;
  return result;
}

// The options of `name=value&...`; empty where one has another form or stands twice.
std::optional<Options> options_in(std::string_view text) {
  Options options;
  while (!text.empty()) {
    const std::string_view option = text.substr(0, text.find('&'));
    text.remove_prefix(std::min(text.size(), option.size() + 1));
    const std::size_t equals = option.find('=');
    if (equals == std::string_view::npos || equals == 0) return std::nullopt;
    const auto name = decoded(option.substr(0, equals));
    const auto value = decoded(option.substr(equals + 1));
    if (!name || !value || !options.emplace(*name, *value).second) return std::nullopt;
  }
  return options;
}

struct Parts {
  std::string scheme;
  std::string body;
  Options options;
};

std::optional<Parts> parts_of(std::string_view url) {
  const std::size_t colon = url.find(':');
  if (colon == std::string_view::npos || colon == 0) return std::nullopt;
  Parts parts{std::string(url.substr(0, colon)), {}, {}};
  const auto is_allowed = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
  if (!std::ranges::all_of(parts.scheme, is_allowed)) return std::nullopt;
  const std::size_t question = url.find('?', colon);
  parts.body = url.substr(colon + 1, std::min(question, url.size()) - colon - 1);
  if (question == std::string_view::npos) return parts;
  auto options = options_in(url.substr(question + 1));
  if (!options) return std::nullopt;
  parts.options = std::move(*options);
  return parts;
}

// The same options with another value each, which none takes.
std::string with_other_values(const Options& options) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string url = "other:?";
  for (const auto& [name, value] : options) {
    for (const char c : name) {
      const auto byte = static_cast<unsigned char>(c);
      url += {'%', digits[byte >> 4U], digits[byte & 15U]};
    }
    url += "=%01&";
  }
  return url;
}

// Whatever the value is, the message that refuses it is the same: it repeats nothing of it.
void check_refusals(std::string_view text, const Options& options, const std::string& name) {
  const std::string other = with_other_values(options);
  const auto check = [&](const auto& take) {
    StoreUrl url(text);
    StoreUrl same_names(other);
    const auto refusal = refusal_of([&] { take(url); });
    if (!refusal) return;
    expect(refusal->code() == ErrorCode::invalid_argument, "another code", refusal->what());
    const auto wanted = refusal_of([&] { take(same_names); });
    expect(wanted && refusal->message() == wanted->message(), "a message depends on a value",
           refusal->what());
  };
  check([&](StoreUrl& u) { static_cast<void>(u.take_bool(name)); });
  check([&](StoreUrl& u) { static_cast<void>(u.take_number(name)); });
  check([&](StoreUrl& u) { static_cast<void>(u.take_bytes(name)); });
  check([&](StoreUrl& u) { static_cast<void>(u.take_duration(name)); });
  check([&](StoreUrl& u) { static_cast<void>(u.take_choice(name, {"full", "normal"})); });
  check([&](StoreUrl& u) { u.refuse_rest({}); });
}

void check_parts(std::string_view text, const Parts& parts) {
  StoreUrl url(text);
  expect(url.scheme() == parts.scheme && url.body() == parts.body, "it is cut elsewhere", text);
  for (const auto& [name, value] : parts.options) {
    check_refusals(text, parts.options, name);
    expect(url.take_text(name) == value, "another value", value);
    expect(!url.take_text(name), "it can be taken twice", name);
  }
  url.refuse_rest({});
  std::string body;
  const bool decodes = is_taken([&] { body = url.decoded_body(); });
  const auto wanted = decoded(parts.body);
  expect(decodes == wanted.has_value() && (!decodes || body == *wanted), "another body", body);
}

// Opens or refuses, and what it opened works.
void check_opening(std::string_view text) {
  BackendRegistry registry;
  register_in_memory(registry);
  static_cast<void>(is_taken([&] {
    Memory memory = registry.open(text);
    static_cast<void>(memory.stats());
  }));
}

}  // namespace
}  // namespace holdfast::fault_tests

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace holdfast;
  using namespace holdfast::fault_tests;
  const std::string_view text = FuzzInput(bytes, size).rest();
  const auto parts = parts_of(text);
  const bool taken = is_taken([&] { static_cast<void>(StoreUrl(text)); });
  expect(taken == parts.has_value(), taken ? "it was taken" : "it was refused", text);
  if (taken) check_parts(text, *parts);
  check_opening(text);
  return 0;
}
