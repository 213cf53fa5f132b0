// Terms of words that came before.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string_view>
#include <vector>

namespace holdfast::search {

// Keeps the terms of words, a bounded number of them, each until another word takes its slot. Used
// by one thread at a time.
class TermCache {
 public:
  // Longer words and terms are not kept.
  static constexpr std::size_t max_bytes = 23;
  static constexpr std::size_t slots = 2048;

  // The view lives until the next call of `put`.
  [[nodiscard]] std::optional<std::string_view> find(std::string_view word) const noexcept {
    if (word.empty() || word.size() > max_bytes || slots_.empty()) return std::nullopt;
    const Text key(word);
    const Slot& slot = slots_[key.hash() % slots];
    if (slot.word.words != key.words) return std::nullopt;
    return slot.term.view();
  }

  void put(std::string_view word, std::string_view term) {
    if (word.empty() || word.size() > max_bytes || term.size() > max_bytes) return;
    if (slots_.empty()) slots_.resize(slots);
    const Text key(word);
    slots_[key.hash() % slots] = {key, Text(term)};
  }

 private:
  // Up to `max_bytes` bytes, and in the last one their number: three numbers to compare.
  struct Text {
    Text() = default;
    explicit Text(std::string_view text) noexcept {
      std::array<char, sizeof words> bytes{};
      std::memcpy(bytes.data(), text.data(), text.size());
      bytes.back() = static_cast<char>(text.size());
      std::memcpy(words.data(), bytes.data(), sizeof words);
    }
    [[nodiscard]] std::string_view view() const noexcept {
      const char* bytes = reinterpret_cast<const char*>(words.data());
      return {bytes, static_cast<std::size_t>(bytes[max_bytes])};
    }
    [[nodiscard]] std::uint64_t hash() const noexcept {
      std::uint64_t mixed = words[0] * 0x9e3779b97f4a7c15U;
      mixed = (mixed ^ (mixed >> 32U) ^ words[1]) * 0xbf58476d1ce4e5b9U;
      mixed = (mixed ^ (mixed >> 32U) ^ words[2]) * 0x94d049bb133111ebU;
      return mixed ^ (mixed >> 32U);
    }

    std::array<std::uint64_t, 3> words{};
  };
  struct Slot {
    Text word;
    Text term;
  };

  std::vector<Slot> slots_;
};

}  // namespace holdfast::search
