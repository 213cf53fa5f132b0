// What is bound to a statement: text, as libpq sends it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace holdfast::postgresql {

// The text form of an array of the server, one dimension.
class ArrayText {
 public:
  ArrayText& add(std::string_view text);  // Quoted and escaped; holds no U+0000.
  ArrayText& add(const char* text);       // Would be taken for a truth value otherwise.
  ArrayText& add(std::int64_t number);
  ArrayText& add(bool value);
  ArrayText& add_null();
  ArrayText& add(const std::optional<std::int64_t>& number);
  // Begins anew, and keeps the memory.
  void clear() noexcept;
  [[nodiscard]] std::string take();  // With its braces.

 private:
  std::string text_;
};

// The arguments of one execution, $1 first.
class Arguments {
 public:
  Arguments& add(std::string text);  // Holds no U+0000.
  Arguments& add(std::string_view text);
  Arguments& add(const char* text);
  Arguments& add(std::int64_t number);
  Arguments& add(bool value);
  Arguments& add_null();
  Arguments& add(const std::optional<std::int64_t>& number);
  [[nodiscard]] std::size_t size() const noexcept { return values_.size(); }
  // Null pointers stand for NULL; valid while this object lives unchanged.
  [[nodiscard]] std::vector<const char*> pointers() const;

 private:
  std::vector<std::optional<std::string>> values_;
};

}  // namespace holdfast::postgresql
