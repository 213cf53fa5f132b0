// The value decoder: text that claims to be canonical, as it comes from a damaged store, is read
// safely, and what is wrong with it is `Corruption` (contract, clause 2.2).
#include <nlohmann/json.hpp>

#include "../../unit/read_all.hpp"
#include "fuzz_input.hpp"
#include "holdfast/filter.hpp"
#include "holdfast/value.hpp"

namespace holdfast::fault_tests {
namespace {

bool is_canonical(std::string_view text) {
  const auto refusal = refusal_of([&] {
    if (MemoryValue::parse(text).json_text() != text) throw_invalid_argument("not canonical");
  });
  return !refusal;
}

void read(const MemoryValue& value, const MemoryValue& other) {
  int calls = 200;
  read_all(value, calls);
  static_cast<void>(value.to_json());
  static_cast<void>(Path("a[0].b").resolve(value));
  static_cast<void>(compare(value, other));
  static_cast<void>(equivalent(value, other));
  static_cast<void>(Filter::where("k", Filter::Operator::contains, "x").matches(value));
  static_cast<void>(Filter::where("", Filter::Operator::eq, other).matches(value));
}

void check(std::string_view text, std::string_view other) {
  // Blocks of exactly their size, so that a read past the end is one past the block.
  const auto refusal = refusal_of([&] {
    read(MemoryValue::from_canonical(SharedText::copy_of(text)),
         MemoryValue::from_canonical(SharedText::copy_of(other)));
  });
  if (!refusal) return;
  expect(refusal->code() == ErrorCode::corruption, "damage has another code", refusal->what());
  expect(!is_canonical(text) || !is_canonical(other), "canonical text is called damaged", text);
}

}  // namespace
}  // namespace holdfast::fault_tests

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace holdfast::fault_tests;
  FuzzInput input(bytes, size);
  const std::string_view text = input.line();
  check(text, input.rest());
  check(input.rest(), text);
  return 0;
}
