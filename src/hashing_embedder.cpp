#include "holdfast/hashing_embedder.hpp"

#include <algorithm>
#include <cstdint>
#include <string_view>

#include "holdfast/error.hpp"
#include "holdfast/search_config.hpp"

namespace holdfast {
namespace {

bool is_of_word(char c) noexcept {
  const bool is_ascii_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  return is_ascii_letter || (c >= '0' && c <= '9') || static_cast<unsigned char>(c) >= 0x80;
}

char lower(char c) noexcept { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

// FNV-1a, and the last steps of MurmurHash3, without which the low bits of short words are alike.
std::uint64_t hash_of(std::string_view word) noexcept {
  std::uint64_t hash = 0xcbf29ce484222325U;
  for (const char c : word) {
    hash = (hash ^ static_cast<unsigned char>(lower(c))) * 0x100000001b3U;
  }
  hash = (hash ^ (hash >> 33U)) * 0xff51afd7ed558ccdU;
  hash = (hash ^ (hash >> 33U)) * 0xc4ceb9fe1a85ec53U;
  return hash ^ (hash >> 33U);
}

std::vector<float> vector_of(std::string_view text, std::size_t dimensions) {
  std::vector<float> vector(dimensions);
  for (auto at = text.begin(); at != text.end();) {
    const auto first = std::find_if(at, text.end(), is_of_word);
    at = std::find_if_not(first, text.end(), is_of_word);
    if (first == at) break;
    const std::uint64_t hash = hash_of({first, at});
    vector[hash % dimensions] += (hash >> 63U) != 0 ? 1.0F : -1.0F;
  }
  // Words can cancel each other out, and a text can have none; every vector has a direction.
  const bool is_zero = std::ranges::all_of(vector, [](float number) { return number == 0; });
  if (is_zero) vector[0] = 1;
  return vector;
}

}  // namespace

HashingEmbedder::HashingEmbedder(int dimensions)
    : dimensions_(dimensions), model_("hashing-" + std::to_string(dimensions)) {
  if (dimensions < 1 || dimensions > SearchEmbedding::max_dimensions) {
    throw_invalid_argument("an embedder of " + std::to_string(dimensions) + " dimensions; 1 to " +
                           std::to_string(SearchEmbedding::max_dimensions) + " are allowed");
  }
}

std::vector<std::vector<float>> HashingEmbedder::embed(std::span<const std::string> texts,
                                                       const Context& context) {
  std::vector<std::vector<float>> vectors;
  vectors.reserve(texts.size());
  for (const std::string& text : texts) {
    context.check();
    vectors.push_back(vector_of(text, static_cast<std::size_t>(dimensions_)));
  }
  return vectors;
}

}  // namespace holdfast
