// What a search by a vector has to find: worked out from the entries that are there.
#pragma once

#include <string>
#include <vector>

#include "holdfast/hashing_embedder.hpp"
#include "holdfast/memory.hpp"

namespace holdfast::conformance {

// Words at the value itself, and vectors of `HashingEmbedder(dimensions)`.
[[nodiscard]] SearchConfig embedded_texts(int dimensions = 40);
[[nodiscard]] std::vector<float> vector_of(const std::string& text, int dimensions = 40);

// Makes the vectors of all entries of the scope that have none, by that embedder.
void embed_all(Memory& memory, const Scope& scope);
// Keys, the nearest first.
[[nodiscard]] std::vector<std::string> keys_near(Memory& memory, const Scope& scope,
                                                 const std::string& text);
// Keys of entries without a vector, as they come.
[[nodiscard]] std::vector<std::string> keys_without_vector(Memory& memory, const Scope& scope);

// What is wrong in the scope, all of which `embedded_texts()` governs: whether each entry with a
// text has either a vector of that text or is said to have none, whether `nearest` finds those with
// one and no others, by the cosine, and whether the index checks out. Empty: nothing is.
[[nodiscard]] std::string vector_problems(Memory& memory, const Scope& scope);

}  // namespace holdfast::conformance
