/// @file
/// JSON as the program writes and takes it apart: members in a fixed order, values untouched.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace holdfast::program {

/// Writes one JSON object on one line, members in the order in which they are added.
class JsonObject {
 public:
  JsonObject& text(std::string_view name, std::string_view value);
  JsonObject& number(std::string_view name, std::int64_t value);
  /// `json` is JSON text already.
  JsonObject& raw(std::string_view name, std::string_view json);
  [[nodiscard]] std::string finish() &&;

 private:
  std::string text_ = "{";
};

/// A member of an object: its name, and the JSON text of its value, which was not looked into.
struct MemberText {
  std::string name;
  std::string_view value;
};

/// Takes one JSON object apart into its members. Their values are only skipped over, so that
/// each may use the whole depth that a value is allowed; parse them to check them. Throws
/// `InvalidArgument` for text of another form and for a name that stands twice.
[[nodiscard]] std::vector<MemberText> split_object(std::string_view json);

/// An element of a list: the JSON text, not looked into, and where it begins.
struct ElementText {
  std::string_view value;
  std::size_t offset;  ///< From the beginning of the list's text, in bytes.
};

/// Takes one JSON list apart, as `split_object` does.
[[nodiscard]] std::vector<ElementText> split_list(std::string_view json);

}  // namespace holdfast::program
