/// @file
/// Filters: conditions on a value, as data (contract, clause 7.2).
#pragma once

#include <compare>
#include <cstddef>
#include <initializer_list>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "holdfast/value.hpp"

namespace holdfast {

/// Where in a value to look: a list of map keys and list indexes.
///
/// Text form: keys joined by dots, indexes and awkward keys in brackets: `tool_calls[0].function`,
/// `["a.b"].c` (a JSON string). The empty text is the value itself.
class Path {
 public:
  using Step = std::variant<std::string, std::size_t>;  ///< A map's key, or a list's index.
  static constexpr std::size_t max_steps = 64;

  Path() = default;
  /// Throws `InvalidArgument`, naming the offset, for text of another form.
  Path(std::string_view text);
  Path(const char* text) : Path(std::string_view(text)) {}
  Path(const std::string& text) : Path(std::string_view(text)) {}
  explicit Path(std::vector<Step> steps);

  [[nodiscard]] const std::vector<Step>& steps() const noexcept { return steps_; }
  [[nodiscard]] std::string text() const;  ///< Reads back to an equal path.
  /// What lies there, or empty where nothing does.
  [[nodiscard]] std::optional<MemoryValue> resolve(const MemoryValue& value) const;
  [[nodiscard]] friend bool operator==(const Path&, const Path&) = default;

 private:
  std::vector<Step> steps_;
};

/// Equal content: deep, numbers by mathematical value (1 equals 1.0), maps unordered.
[[nodiscard]] bool equivalent(const MemoryValue& a, const MemoryValue& b);

/// Order between two numbers (int64 and double compared exactly), two strings or two bytes
/// (bytewise); `unordered` between anything else.
[[nodiscard]] std::partial_ordering compare(const MemoryValue& a, const MemoryValue& b);

/// A condition that a value meets or does not; logic is two-valued. Every backend decides with
/// `matches`, so that all agree. Immutable; copies are cheap; safe to share between threads.
///
/// In JSON: `{"role":"user"}`, `{"n":{"$gte":10,"$lt":20}}`, `{"$or":[{...},{...}]}`,
/// `{"$not":{...}}`, `{"tags":{"$contains":"x"}}`, `{"name":{"$exists":true}}`,
/// `{"id":{"$in":[1,2]}}`; several members mean all of them; `{}` is met by everything.
class Filter {
 public:
  /// In: the path's value is equivalent to one of the operand's elements. Contains: a list with
  /// an equivalent element, or a string with the operand as a substring. Where the path leads
  /// nowhere, `ne`, `nin` and `exists` with `false` are met and nothing else is: `eq` with null
  /// is met by an explicit null alone, not by a missing field.
  enum class Operator { eq, ne, gt, gte, lt, lte, in, nin, exists, contains };

  static constexpr std::size_t max_nodes = 1000;  ///< Conditions and groups together.
  static constexpr std::size_t max_depth = 32;    ///< Groups within groups.

  Filter();  ///< Met by every value.

  /// Throws `InvalidArgument` where the operand does not fit (`in`, `nin`: a list; `exists`: a
  /// bool; `gt` and its kin: a number, string or bytes). The groups throw it past `max_nodes` or
  /// `max_depth`.
  [[nodiscard]] static Filter where(Path path, Operator op, MemoryValue operand);
  [[nodiscard]] static Filter all_of(std::vector<Filter> filters);  ///< `and`; empty: always met.
  [[nodiscard]] static Filter any_of(std::vector<Filter> filters);  ///< `or`; empty: never met.
  [[nodiscard]] static Filter none_of(Filter filter);               ///< `not`

  /// Reads the JSON form. Throws `InvalidArgument` naming the member and what is allowed. A
  /// member's name that begins with '$' is a group, any other a path (a key that begins so is
  /// written `["$x"]`); its value is a set of operators where it is a map whose keys all begin
  /// with '$', otherwise what the path's value shall equal (`{"$eq":{"$x":1}}` for such a map).
  [[nodiscard]] static Filter parse(std::string_view json_text);
  [[nodiscard]] static Filter from_value(const MemoryValue& json_form);
  /// The JSON form; reads back to an equal filter. Throws `InvalidArgument` where it would nest
  /// over `MemoryValue::max_depth` levels.
  [[nodiscard]] MemoryValue to_value() const;

  [[nodiscard]] bool matches(const MemoryValue& value) const;
  /// Whether that is plain from the filter's form, as for `{}`.
  [[nodiscard]] bool matches_everything() const noexcept;

  struct Condition {
    Path path;
    Operator op = Operator::eq;
    MemoryValue operand;
  };
  struct Group {
    enum class Kind { all, any, none } kind = Kind::all;
    std::vector<Filter> filters;
  };
  /// For backends that preselect; what they let through, `matches` decides.
  [[nodiscard]] const std::variant<Group, Condition>& node() const noexcept;

 private:
  struct Node;
  explicit Filter(std::shared_ptr<const Node> node) noexcept : node_(std::move(node)) {}
  [[nodiscard]] static Filter grouped(Group group);

  std::shared_ptr<const Node> node_;
};

}  // namespace holdfast
