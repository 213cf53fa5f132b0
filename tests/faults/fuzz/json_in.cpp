// JSON in: `MemoryValue::parse` takes what the contract says and nothing else, and what it takes
// comes back (contract, clauses 2.1 and 2.2). nlohmann::json is the second opinion.
#include <algorithm>
#include <limits>
#include <nlohmann/json.hpp>
#include <set>
#include <vector>

#include "fuzz_input.hpp"
#include "holdfast/value.hpp"

namespace holdfast::fault_tests {
namespace {

using nlohmann::json;

// What another parser meets in a text, and what of it the contract refuses.
class Seen final : public nlohmann::json_sax<json> {
 public:
  std::size_t depth = 0;  // The greatest.
  bool has_key_twice = false;
  bool has_integer_out_of_range = false;
  bool has_negative_zero = false;  // Written "-0", which the other parser takes for the integer 0.

  bool null() override { return true; }
  bool boolean(bool) override { return true; }
  bool number_integer(std::int64_t number) override {
    has_negative_zero |= number == 0;
    return true;
  }
  bool number_unsigned(std::uint64_t number) override {
    has_integer_out_of_range |=
        number > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
    return true;
  }
  bool number_float(double, const std::string& text) override {
    has_integer_out_of_range |= text.find_first_of(".eE") == std::string::npos;
    return true;
  }
  bool string(std::string&) override { return true; }
  bool binary(json::binary_t&) override { return true; }
  bool start_object(std::size_t) override { return open(); }
  bool key(std::string& key) override {
    has_key_twice |= !keys_.back().insert(key).second;
    return true;
  }
  bool end_object() override { return close(); }
  bool start_array(std::size_t) override { return open(); }
  bool end_array() override { return close(); }
  bool parse_error(std::size_t, const std::string&, const json::exception&) override {
    return false;
  }

 private:
  bool open() {
    keys_.emplace_back();
    depth = std::max(depth, keys_.size());
    return true;
  }
  bool close() {
    keys_.pop_back();
    return true;
  }

  std::vector<std::set<std::string>> keys_;
};

void check_agreement(std::string_view text, bool taken) {
  // The other parser takes U+0000 for the end of its input, and passes over a byte order mark.
  if (text.starts_with("\xef\xbb\xbf")) return;
  if (text.find('\0') != std::string_view::npos) {
    return expect(!taken, "U+0000 was taken", text);
  }
  Seen seen;
  const bool valid = json::sax_parse(text.begin(), text.end(), &seen);
  const bool allowed = valid && !seen.has_key_twice && !seen.has_integer_out_of_range;
  // Bytes are no level, though a bracket stands around them: at one level too many either is right.
  constexpr std::size_t levels = MemoryValue::max_depth;
  expect(!taken || (allowed && seen.depth <= levels + 1), "invalid JSON was taken", text);
  expect(taken || !allowed || seen.depth > levels, "valid JSON was refused", text);
  if (!taken || seen.has_negative_zero) return;
  const std::string canonical(MemoryValue::parse(text).json_text());
  expect(json::parse(text).dump() == json::parse(canonical).dump(), "it reads otherwise",
         canonical);
}

void check_items(const MemoryValue& value) {
  int left = 16;  // Each look-up goes through the text.
  std::size_t index = 0;
  for (const MemoryItem& item : value.items()) {
    if (--left < 0) return;
    const auto found = value.kind() == ValueKind::map ? value.find(item.key) : value.at(index++);
    expect(found == item.value, "an item is not found", item.value.json_text());
    check_items(item.value);
    if (value.kind() != ValueKind::map) continue;
    expect(value.with(item.key, item.value) == value, "setting a member changed", item.key);
    expect(!value.without(item.key).find(item.key), "a member stays behind", item.key);
  }
}

void check_round_trip(const MemoryValue& value) {
  const std::string canonical(value.json_text());
  const MemoryValue again = MemoryValue::parse(canonical);
  expect(again == value && again.kind() == value.kind(), "canonical text reads otherwise",
         canonical);
  const MemoryValue unchecked = MemoryValue::from_canonical(SharedText::copy_of(canonical));
  expect(unchecked == value && unchecked.kind() == value.kind(), "the kind is another", canonical);
  const MemoryValue converted = MemoryValue::from_json(value.to_json());
  expect(converted == value && converted.kind() == value.kind(), "to_json loses something",
         canonical);
  check_items(value);
}

}  // namespace
}  // namespace holdfast::fault_tests

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace holdfast::fault_tests;
  const std::string_view text = FuzzInput(bytes, size).rest();
  holdfast::MemoryValue value;
  const bool taken = is_taken([&] { value = holdfast::MemoryValue::parse(text); });
  check_agreement(text, taken);
  if (taken) check_round_trip(value);
  return 0;
}
