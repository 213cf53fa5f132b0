// Keys made to collide under the hashes that everybody knows are no worse than any others for the
// in-memory store: its hash has a key of its own.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <functional>
#include <random>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "../../../memory/backends/in_memory/keyed_hash.hpp"
#include "../../../memory/backends/in_memory/namespace_postings.hpp"
#include "../support/tries.hpp"

namespace holdfast::fault_tests {
namespace {

using in_memory::KeyedHash;

constexpr std::size_t number_of_keys = 2'000;

std::uint64_t fold(std::uint64_t x) { return x ^ (x >> 47U); }  // Undoes itself.

// The inverse of an odd number modulo 2^64, by Newton's iteration.
std::uint64_t inverse(std::uint64_t odd) {
  std::uint64_t x = odd;
  for (int i = 0; i < 6; ++i) x *= 2 - odd * x;
  return x;
}

bool is_printable(std::uint64_t word) {
  for (int i = 0; i < 8; ++i, word >>= 8U) {
    if ((word & 0xff) < 0x21 || (word & 0xff) > 0x7e) return false;
  }
  return true;
}

// Printable texts of 16 bytes for which std::hash gives one and the same number: libstdc++'s hash
// is MurmurHash64A with a seed that stands in its source, each of whose steps can be undone.
std::vector<std::string> murmur_collisions() {
  constexpr std::uint64_t multiplier = 0xc6a4a7935bd1e995U;
  const std::uint64_t undo = inverse(multiplier);
  const auto mixed = [&](std::uint64_t word) { return fold(word * multiplier) * multiplier; };
  const auto unmixed = [&](std::uint64_t word) { return fold(word * undo) * undo; };
  constexpr std::uint64_t seed = 0xc70f6907U ^ (16 * multiplier);
  constexpr std::uint64_t wanted = 0x0123456789abcdefU;
  std::mt19937_64 random(1);
  std::vector<std::string> texts;
  while (texts.size() < number_of_keys) {
    std::uint64_t words[2];
    char first[8];
    for (char& c : first) c = static_cast<char>('!' + random() % 94);
    std::memcpy(&words[0], first, 8);
    words[1] = unmixed(((seed ^ mixed(words[0])) * multiplier) ^ wanted);
    if (!is_printable(words[1])) continue;
    std::string text(16, ' ');
    std::memcpy(text.data(), words, 16);
    texts.push_back(std::move(text));
  }
  return texts;
}

std::uint64_t fnv1a(std::string_view text) {
  std::uint64_t hash = 0xcbf29ce484222325U;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3U;
  return hash;
}

// Texts whose FNV-1a ends in the same bits, which is all that a table of that size looks at.
std::vector<std::string> fnv_collisions() {
  std::vector<std::string> texts;
  for (std::uint64_t i = 0; texts.size() < number_of_keys / 4; ++i) {
    std::string text = std::to_string(i);
    if ((fnv1a(text) & 0xfff) == 0) texts.push_back(std::move(text));
  }
  return texts;
}

std::vector<std::string> random_texts() {
  std::mt19937_64 random(2);
  std::vector<std::string> texts;
  while (texts.size() < number_of_keys) texts.push_back(std::to_string(random()));
  return texts;
}

// The most texts that meet in one of as many groups as there are texts.
template <typename Hash>
std::size_t greatest_load(const std::vector<std::string>& texts, const Hash& hash) {
  std::vector<std::size_t> loads(std::bit_ceil(texts.size()));
  for (const std::string& text : texts) ++loads[hash(text) & (loads.size() - 1)];
  return *std::ranges::max_element(loads);
}

// Of n texts thrown into n places by chance, the fullest has 6 or 7; 16 is met once in 10^9 times.
constexpr std::size_t by_chance = 16;

TEST(HashFlooding, TextsThatCollideElsewhereAreSpreadByTheStoresHash) {
  const std::hash<std::string> known;
  const std::vector<std::string> murmur = murmur_collisions();
  const std::vector<std::string> fnv = fnv_collisions();
  ASSERT_EQ(greatest_load(murmur, known), murmur.size()) << "no collisions: nothing is tried";
  ASSERT_EQ(greatest_load(fnv, fnv1a), fnv.size());
  constexpr int stores = 20;
  for (int store = 0; store < stores; ++store) {
    const KeyedHash hash;
    const auto of_text = [&](const std::string& text) { return hash.of(text); };
    // As the table of a store's entries does: the lowest seven bits are a tag.
    const auto of_key = [&](const std::string& text) {
      return hash.of(AddressView{"ns", text}) >> 7U;
    };
    const auto of_namespace = [&](const std::string& text) {
      return hash.of(AddressView{text, "key"}) >> 7U;
    };
    for (const auto& texts : {murmur, fnv, random_texts()}) {
      EXPECT_LE(greatest_load(texts, of_text), by_chance);
      EXPECT_LE(greatest_load(texts, of_key), by_chance);
      EXPECT_LE(greatest_load(texts, of_namespace), by_chance);
    }
  }
  count_tries("crafted keys are spread as any others", stores * (murmur.size() + fnv.size()));
}

TEST(HashFlooding, TermsOfTheSearchIndexAreSpreadToo) {
  const KeyedHash hash;
  in_memory::TermTable terms(0, in_memory::TextHash{&hash});
  for (const std::string& text : murmur_collisions()) terms.try_emplace(text);
  std::size_t fullest = 0;
  for (std::size_t bucket = 0; bucket < terms.bucket_count(); ++bucket) {
    fullest = std::max(fullest, terms.bucket_size(bucket));
  }
  EXPECT_LE(fullest, by_chance);
  const KeyedHash of_another_store;
  EXPECT_NE(terms.hash_function()("term"), of_another_store.of("term"));
  count_tries("crafted keys are spread as any others", terms.size());
}

}  // namespace
}  // namespace holdfast::fault_tests
