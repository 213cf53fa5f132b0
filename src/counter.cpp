#include "holdfast/counter.hpp"

#include <limits>
#include <string>

#include "holdfast/error.hpp"

namespace holdfast {
namespace {

std::string place(AddressView address) {
  return "the entry \"" + std::string(address.key) + "\" of the namespace \"" +
         std::string(address.ns) + "\"";
}

}  // namespace

std::int64_t incremented(AddressView address, const MemoryValue* current, std::int64_t delta) {
  if (current == nullptr) return delta;
  if (current->kind() != ValueKind::int64) {
    throw Error(ErrorCode::failed_precondition, place(address) + " holds a " +
                                                    std::string(to_string(current->kind())) +
                                                    "; only an int64 can be incremented");
  }
  const auto number = current->get<std::int64_t>();
  using Range = std::numeric_limits<std::int64_t>;
  if (delta > 0 ? number > Range::max() - delta : number < Range::min() - delta) {
    throw Error(ErrorCode::out_of_range, "adding " + std::to_string(delta) + " to " +
                                             std::to_string(number) + " in " + place(address) +
                                             " leaves the range of int64");
  }
  return number + delta;
}

}  // namespace holdfast
