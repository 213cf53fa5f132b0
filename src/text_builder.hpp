/// @file
/// Builds text in the very block that its handles will share: no copy at the end.
#pragma once

#include <cstddef>
#include <cstring>
#include <string_view>

#include "holdfast/shared_text.hpp"

namespace holdfast {

/// Text that grows at its end. Every function that may grow throws `std::bad_alloc`, or
/// `ResourceExhausted` past `max_size`.
class TextBuilder {
 public:
  static constexpr std::size_t max_size = std::size_t{1} << 30;

  explicit TextBuilder(std::size_t capacity) { ensure_room(capacity); }
  TextBuilder(const TextBuilder&) = delete;
  TextBuilder& operator=(const TextBuilder&) = delete;
  ~TextBuilder();

  void append(char c) {
    ensure_room(1);
    text_[size_++] = c;
  }
  void append(std::string_view part) {
    ensure_room(part.size());
    if (!part.empty()) std::memcpy(text_ + size_, part.data(), part.size());
    size_ += part.size();
  }
  /// Makes sure that `bytes` more can be written at `tail()` without growing.
  void ensure_room(std::size_t bytes) {
    if (capacity_ - size_ < bytes) grow(bytes);
  }
  /// Where the next byte goes. What is written there counts once `advance_to` is called.
  [[nodiscard]] char* tail() noexcept { return text_ + size_; }
  void advance_to(const char* new_tail) noexcept {
    size_ = static_cast<std::size_t>(new_tail - text_);
  }

  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  [[nodiscard]] char* begin() noexcept { return text_; }
  [[nodiscard]] std::string_view view() const noexcept { return {text_, size_}; }

  /// Gives the text away; the builder is empty afterwards.
  [[nodiscard]] SharedText finish() noexcept;

 private:
  void grow(std::size_t bytes);
  void trim() noexcept;

  void* memory_ = nullptr;  ///< Room for a SharedBlock, then the text.
  char* text_ = nullptr;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
};

}  // namespace holdfast
