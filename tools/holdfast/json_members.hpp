/// @file
/// The members of a JSON object on a line, taken one by one.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "holdfast/value.hpp"
#include "json_text.hpp"

namespace holdfast::program {

/// Each member is to be taken once. Throws `InvalidArgument`, naming the member, for what is
/// missing or of another kind.
class JsonMembers {
 public:
  /// Views the text, which must live as long.
  explicit JsonMembers(std::string_view object) : members_(split_object(object)) {}

  [[nodiscard]] bool has(std::string_view name) const;
  /// Empty where it is not there.
  std::optional<MemoryValue> take(std::string_view name);
  MemoryValue require(std::string_view name);
  std::string require_text(std::string_view name);
  /// Empty where the member is not there or null.
  std::optional<std::int64_t> take_number(std::string_view name);
  std::int64_t require_number(std::string_view name);
  /// Throws where a member was not taken. @param allowed for the message.
  void refuse_rest(std::string_view allowed) const;

 private:
  std::vector<MemberText> members_;
};

}  // namespace holdfast::program
