/// @file
/// `MemoryValue`: the JSON-like value that a store keeps (contract, clause 2).
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <iterator>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "holdfast/shared_text.hpp"

namespace holdfast {

/// The eight kinds of value. 1 (`int64`) and 1.0 (`float64`) are different values.
enum class ValueKind : std::uint8_t { null, boolean, int64, float64, string, bytes, list, map };

/// The kind's name: "null", "bool", "int64", "double", "string", "bytes", "list" or "map".
[[nodiscard]] std::string_view to_string(ValueKind kind) noexcept;

/// Raw bytes, as distinct from a string.
using Bytes = std::vector<std::byte>;

/// An immutable value: null, bool, int64, double, string (valid UTF-8, U+0000 allowed), bytes,
/// list or map.
///
/// It holds its canonical JSON text (docs/design/0001-values-are-canonical-text.md) in a shared
/// block: copying costs a reference count, a value read from a store shares the store's block,
/// and an element shares its parent's. Looking into a list or map scans its text, so `find`,
/// `at` and `size` cost time linear in the length of that text; iterate rather than index.
///
/// Any number of threads may use the same value at once. A value of more than 1 GiB of text is
/// refused with `ResourceExhausted` where it would be made.
class MemoryValue {
 public:
  /// Levels of nested lists and maps, as brackets in the text; bytes are no level.
  static constexpr std::size_t max_depth = 128;

  using Member = std::pair<std::string, MemoryValue>;
  class Iterator;
  struct ItemRange;

  MemoryValue() noexcept : MemoryValue(SharedText::of_static("null"), ValueKind::null) {}  ///< null
  MemoryValue(std::nullptr_t) noexcept : MemoryValue() {}
  template <std::same_as<bool> T>
  MemoryValue(T boolean) noexcept : MemoryValue(BooleanTag{}, boolean) {}
  /// Throws `InvalidArgument` for an unsigned integer above the range of int64.
  template <std::integral T>
  requires(!std::same_as<T, bool>) MemoryValue(T integer)
      : MemoryValue(IntegerTag{}, checked(integer)) {}
  /// Throws `InvalidArgument` for NaN and the infinities.
  MemoryValue(double number);
  /// Throws `InvalidArgument` unless `text` is valid UTF-8.
  MemoryValue(std::string_view text);
  MemoryValue(const char* text) : MemoryValue(std::string_view(text)) {}
  MemoryValue(const std::string& text) : MemoryValue(std::string_view(text)) {}
  /// A pointer is not a value (it would become `true`).
  template <typename T>
  requires(!std::same_as<std::remove_cv_t<T>, char>) MemoryValue(T* pointer)
  = delete;

  [[nodiscard]] static MemoryValue bytes(std::span<const std::byte> bytes);
  [[nodiscard]] static MemoryValue list(std::span<const MemoryValue> elements);
  [[nodiscard]] static MemoryValue list(std::initializer_list<MemoryValue> elements);
  /// Throws `InvalidArgument` when a key stands twice or is not valid UTF-8, or when nesting
  /// passes `max_depth`; `list` likewise for nesting.
  [[nodiscard]] static MemoryValue map(std::span<const Member> members);
  [[nodiscard]] static MemoryValue map(std::initializer_list<Member> members);

  /// Throws `InvalidArgument`, with the byte offset, for text that is not one JSON value, holds a
  /// key twice, an integer outside int64, a number outside double, or nests over `max_depth`.
  [[nodiscard]] static MemoryValue parse(std::string_view json_text);
  /// As `parse`; nlohmann's binary becomes bytes, and is refused where it has a subtype.
  [[nodiscard]] static MemoryValue from_json(const nlohmann::json& json);
  [[nodiscard]] nlohmann::json to_json() const;
  /// The canonical JSON text: no white space, keys of maps in bytewise order, bytes as
  /// `{"$bytes":"base64"}`. Equal values have equal text. Lives as long as the value.
  [[nodiscard]] std::string_view json_text() const noexcept { return text_.view(); }
  /// Takes text that an earlier `json_text` gave, without checking it. Reading a value that holds
  /// anything else is memory-safe and throws `Corruption`.
  [[nodiscard]] static MemoryValue from_canonical(SharedText text);
  /// The same, without looking at it: `kind` is that of the value that gave the text.
  [[nodiscard]] static MemoryValue from_canonical(SharedText text, ValueKind kind) noexcept {
    return {std::move(text), kind};
  }

  [[nodiscard]] ValueKind kind() const noexcept { return kind_; }
  [[nodiscard]] bool is_null() const noexcept { return kind_ == ValueKind::null; }

  /// The value as a `T`: bool, std::int64_t, double, std::string or Bytes. Strict: throws
  /// `FailedPrecondition`, naming both kinds, where the kind is another one.
  template <typename T>
  [[nodiscard]] T get() const;
  /// As `get`, with an empty optional instead of the exception.
  template <typename T>
  [[nodiscard]] std::optional<T> get_if() const;

  /// Elements of a list or members of a map; 0 for other kinds.
  [[nodiscard]] std::size_t size() const;
  /// The member of a map under `key`, or empty when there is none or this is no map.
  [[nodiscard]] std::optional<MemoryValue> find(std::string_view key) const;
  /// The element of a list at `index`, or empty when there is none or this is no list.
  [[nodiscard]] std::optional<MemoryValue> at(std::size_t index) const;
  /// As `find`, for chains: null where there is no such member.
  [[nodiscard]] MemoryValue operator[](std::string_view key) const;
  [[nodiscard]] MemoryValue operator[](const char* key) const {
    return (*this)[std::string_view(key)];
  }
  /// The elements of a list, or members of a map in bytewise order of their keys; an empty range
  /// for other kinds. The range may outlive this value.
  [[nodiscard]] ItemRange items() const;

  /// A copy of this map (or of an empty map, for null) with `key` set to `value`.
  [[nodiscard]] MemoryValue with(std::string_view key, const MemoryValue& value) const;
  /// A copy of this map without `key`. Both throw `FailedPrecondition` for other kinds.
  [[nodiscard]] MemoryValue without(std::string_view key) const;

  /// Same kind and same content; -0.0 and 0.0 differ. Order of a map's keys does not count.
  [[nodiscard]] friend bool operator==(const MemoryValue& a, const MemoryValue& b) noexcept {
    return a.json_text() == b.json_text();
  }

 private:
  struct BooleanTag {};
  struct IntegerTag {};
  MemoryValue(BooleanTag, bool boolean) noexcept;
  MemoryValue(IntegerTag, std::int64_t integer);
  MemoryValue(SharedText text, ValueKind kind) noexcept : text_(std::move(text)), kind_(kind) {}
  template <typename T>
  static std::int64_t checked(T integer) {
    if (!std::in_range<std::int64_t>(integer)) refuse_integer();
    return static_cast<std::int64_t>(integer);
  }
  [[noreturn]] static void refuse_integer();
  [[noreturn]] void refuse_kind(ValueKind wanted) const;

  SharedText text_;
  ValueKind kind_;
};

template <>
bool MemoryValue::get<bool>() const;
template <>
std::int64_t MemoryValue::get<std::int64_t>() const;
template <>
double MemoryValue::get<double>() const;
template <>
std::string MemoryValue::get<std::string>() const;
template <>
Bytes MemoryValue::get<Bytes>() const;

template <typename T>
std::optional<T> MemoryValue::get_if() const {
  constexpr ValueKind wanted = std::same_as<T, bool>           ? ValueKind::boolean
                               : std::same_as<T, std::int64_t> ? ValueKind::int64
                               : std::same_as<T, double>       ? ValueKind::float64
                               : std::same_as<T, std::string>  ? ValueKind::string
                                                               : ValueKind::bytes;
  if (kind_ != wanted) return std::nullopt;
  return get<T>();
}

/// One step of `MemoryValue::items()`.
struct MemoryItem {
  std::string key;  ///< Empty for an element of a list.
  MemoryValue value;
};

/// A forward walk over a list or map.
class MemoryValue::Iterator {
 public:
  using value_type = MemoryItem;
  using difference_type = std::ptrdiff_t;

  Iterator() = default;
  explicit Iterator(const MemoryValue& container);
  [[nodiscard]] const MemoryItem& operator*() const noexcept { return item_; }
  [[nodiscard]] const MemoryItem* operator->() const noexcept { return &item_; }
  Iterator& operator++();
  void operator++(int) { ++*this; }
  [[nodiscard]] bool operator==(std::default_sentinel_t) const noexcept { return at_end_; }

 private:
  void read_item();

  SharedText text_;
  std::size_t offset_ = 0;
  MemoryItem item_;
  bool is_map_ = false;
  bool at_end_ = true;
};

/// What `MemoryValue::items()` gives: usable in a range-for.
struct MemoryValue::ItemRange {
  Iterator first;
  [[nodiscard]] Iterator begin() const { return first; }
  [[nodiscard]] static std::default_sentinel_t end() noexcept { return {}; }
};

}  // namespace holdfast
