#include "keyed_hash.hpp"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <system_error>

namespace holdfast::in_memory {
namespace {

__extension__ using Uint128 = unsigned __int128;

std::uint64_t word_at(const char* at) noexcept {
  std::uint64_t word = 0;
  std::memcpy(&word, at, sizeof word);
  return word;
}

Uint128 product(std::uint64_t word, std::uint64_t next, const std::uint64_t* keys) noexcept {
  return Uint128{word + keys[0]} * (next + keys[1]);
}

// Fewer than sixteen bytes: read so that the two words and the length tell what they are.
Uint128 product_of_short(std::string_view text, const std::uint64_t* keys) noexcept {
  const char* const end = text.data() + text.size();
  if (text.size() >= 8) return product(word_at(text.data()), word_at(end - 8), keys);
  std::uint64_t word = 0;
  if (text.size() >= 4) {
    std::uint32_t halves[2];
    std::memcpy(&halves[0], text.data(), 4);
    std::memcpy(&halves[1], end - 4, 4);
    word = halves[0] | std::uint64_t{halves[1]} << 32;
  } else {
    for (const char c : text) word = word << 8 | static_cast<unsigned char>(c);
  }
  return product(word, 0, keys);
}

// NH without the lengths. The last sixteen bytes may overlap those before.
template <std::size_t size>
Uint128 sum_of_products(std::string_view text,
                        const std::array<std::uint64_t, size>& keys) noexcept {
  if (text.size() < 16) return product_of_short(text, keys.data());
  Uint128 sum = 0;
  const std::size_t whole = text.size() - 16;
  std::size_t at = 0;
  for (; at < whole; at += 16) {
    const char* const here = text.data() + at;
    sum += product(word_at(here), word_at(here + 8), &keys[at / 8 % size]);
  }
  const char* const tail = text.data() + whole;
  return sum + product(word_at(tail), word_at(tail + 8), &keys[at / 8 % size]);
}

// Random bytes of the system, which gives at most 256 at once.
void fill_randomly(void* to, std::size_t bytes) {
  constexpr std::size_t at_once = 256;
  for (std::size_t done = 0; done < bytes; done += at_once) {
    if (::getentropy(static_cast<char*>(to) + done, std::min(at_once, bytes - done)) != 0) {
      throw std::system_error(errno, std::generic_category(), "getentropy");
    }
  }
}

}  // namespace

KeyedHash::KeyedHash() { fill_randomly(&keys_, sizeof keys_); }

std::uint64_t KeyedHash::of(std::string_view first, std::string_view second) const noexcept {
  const Uint128 sum = sum_of_products(first, keys_.first) + sum_of_products(second, keys_.second) +
                      product(first.size(), second.size(), keys_.lengths.data());
  const auto key = [&](std::size_t i) {
    return Uint128{keys_.last[2 * i]} << 64 | keys_.last[2 * i + 1];
  };
  const Uint128 mixed = key(0) * static_cast<std::uint64_t>(sum) +
                        key(1) * static_cast<std::uint64_t>(sum >> 64) + key(2);
  return static_cast<std::uint64_t>(mixed >> 64);
}

std::uint64_t KeyedHash::of(std::string_view text) const noexcept { return of(text, {}); }

std::uint32_t KeyedHash::of(const AddressView& address) const noexcept {
  return static_cast<std::uint32_t>(of(address.ns, address.key) >> 32);
}

}  // namespace holdfast::in_memory
