#include "keyed_hash.hpp"

#include <bit>
#include <cstddef>
#include <cstring>
#include <random>

namespace holdfast::in_memory {
namespace {

struct SipState {
  std::uint64_t v0, v1, v2, v3;

  SipState(std::uint64_t key0, std::uint64_t key1) noexcept
      : v0(key0 ^ 0x736f6d6570736575),
        v1(key1 ^ 0x646f72616e646f6d),
        v2(key0 ^ 0x6c7967656e657261),
        v3(key1 ^ 0x7465646279746573) {}

  void round() noexcept {
    v0 += v1;
    v1 = std::rotl(v1, 13) ^ v0;
    v0 = std::rotl(v0, 32);
    v2 += v3;
    v3 = std::rotl(v3, 16) ^ v2;
    v0 += v3;
    v3 = std::rotl(v3, 21) ^ v0;
    v2 += v1;
    v1 = std::rotl(v1, 17) ^ v2;
    v2 = std::rotl(v2, 32);
  }
  void absorb(std::uint64_t word) noexcept {
    v3 ^= word;
    round();
    v0 ^= word;
  }
  std::uint64_t finish() noexcept {
    v2 ^= 0xff;
    round();
    round();
    round();
    return v0 ^ v1 ^ v2 ^ v3;
  }
};

std::uint64_t word_at(const char* at) noexcept {
  std::uint64_t word = 0;
  std::memcpy(&word, at, sizeof word);
  return word;
}

// What is left of a text after its whole words, with the length in the highest byte.
std::uint64_t last_word(std::string_view text) noexcept {
  const std::size_t left = text.size() % 8;
  std::uint64_t word = 0;
  if (left != 0 && text.size() > 8 && std::endian::native == std::endian::little) {
    word = word_at(text.data() + text.size() - 8) >> (8 * (8 - left));
  } else if (left != 0) {
    std::memcpy(&word, text.data() + text.size() - left, left);
  }
  return word ^ (std::uint64_t{text.size()} << 56);
}

// SipHash-1-3 (Aumasson and Bernstein, 2012) of one text, or of several, each of which ends as a
// whole one does, so that they cannot run into each other.
void absorb(SipState& state, std::string_view text) noexcept {
  const std::size_t whole = text.size() & ~std::size_t{7};
  for (std::size_t at = 0; at < whole; at += 8) state.absorb(word_at(text.data() + at));
  state.absorb(last_word(text));
}

std::uint64_t random_word(std::random_device& source) {
  return (std::uint64_t{source()} << 32) ^ source();
}

}  // namespace

KeyedHash::KeyedHash() : key0_(0), key1_(0) {
  std::random_device source;
  key0_ = random_word(source);
  key1_ = random_word(source);
}

std::uint64_t KeyedHash::of(std::string_view text) const noexcept {
  SipState state(key0_, key1_);
  absorb(state, text);
  return state.finish();
}

std::uint32_t KeyedHash::of(const AddressView& address) const noexcept {
  SipState state(key0_, key1_);
  absorb(state, address.ns);
  absorb(state, address.key);
  const std::uint64_t hash = state.finish();
  return static_cast<std::uint32_t>(hash ^ (hash >> 32));
}

}  // namespace holdfast::in_memory
