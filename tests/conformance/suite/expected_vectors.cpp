#include "expected_vectors.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <map>

#include "expectations.hpp"
#include "expected_search.hpp"
#include "holdfast/hybrid_search.hpp"

namespace holdfast::conformance {
namespace {

constexpr int default_dimensions = 40;
constexpr double tolerance = 2e-6;  // Of sums in floats, and of rounding.

double cosine(const std::vector<float>& a, const std::vector<float>& b) {
  double product = 0;
  double a_squares = 0;
  double b_squares = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    product += static_cast<double>(a[i]) * static_cast<double>(b[i]);
    a_squares += static_cast<double>(a[i]) * static_cast<double>(a[i]);
    b_squares += static_cast<double>(b[i]) * static_cast<double>(b[i]);
  }
  return product / std::sqrt(a_squares * b_squares);
}

VectorQuery query_near(const Scope& scope, const std::string& text) {
  VectorQuery query;
  query.scope = scope;
  query.vector = vector_of(text);
  query.limit = VectorQuery::max_limit;
  return query;
}

// By place; a vector is of the text that is there now.
std::string check_kept(Memory& memory, const Scope& scope, std::map<Address, Entry>& with_text) {
  std::string problem;
  std::map<Address, Entry> kept;
  memory.scan_vectors(scope, [&](const VectorRow& row) {
    const Address at{Namespace(row.address.ns), std::string(row.address.key)};
    const auto entry = with_text.find(at);
    if (entry == with_text.end()) {
      problem = "a vector of no entry with a text: " + at.key;
      return false;
    }
    const std::string text = embedded_texts().text_to_embed(entry->second.value);
    const std::vector<float> vector(row.vector.begin(), row.vector.end());
    if (cosine(vector, vector_of(text)) < 1 - tolerance || row.revision != entry->second.revision) {
      problem = "a vector of another text: " + at.key;
    }
    kept.emplace(at, entry->second);
    return problem.empty();
  });
  if (!problem.empty()) return problem;
  for (const Entry& entry : memory.without_vector(scope, 10'000)) {
    const Address at{entry.ns, entry.key};
    if (!with_text.contains(at)) return "without a vector, and without a text: " + at.key;
    if (kept.contains(at)) return "with and without a vector: " + at.key;
    with_text.erase(at);
  }
  if (kept.size() != with_text.size()) return "an entry neither with nor without a vector";
  return {};
}

std::string check_nearest(Memory& memory, const Scope& scope, const std::string& text,
                          std::map<Address, Entry> kept) {
  const VectorQuery query = query_near(scope, text);
  const SearchHit* last = nullptr;
  const SearchPage page = memory.nearest(query);
  for (const SearchHit& hit : page.hits) {
    const auto expected = kept.find({hit.entry.ns, hit.entry.key});
    if (expected == kept.end()) return "found, and not there: " + hit.entry.key;
    if (expected->second != hit.entry) return "found as another one: " + hit.entry.key;
    const auto vector = vector_of(embedded_texts().text_to_embed(hit.entry.value));
    if (std::abs(cosine(vector, query.vector) - hit.score) > tolerance) {
      return "another score: " + hit.entry.key + " " + std::to_string(hit.score);
    }
    const bool is_in_order =
        last == nullptr || last->score > hit.score ||
        (last->score == hit.score && last->entry.created_revision > hit.entry.created_revision);
    if (!is_in_order) return "not in order: " + hit.entry.key;
    last = &hit;
    kept.erase(expected);
  }
  return kept.empty() ? std::string() : "not found: " + kept.begin()->first.key;
}

}  // namespace

SearchConfig embedded_texts(int dimensions) {
  SearchConfig config = SearchConfig::texts({""});
  config.embedding = SearchEmbedding{HashingEmbedder(dimensions).model(), dimensions};
  return config;
}

std::vector<float> vector_of(const std::string& text, int dimensions) {
  return HashingEmbedder(dimensions).embed(std::vector{text}, {}).front();
}

void embed_all(Memory& memory, const Scope& scope) {
  HashingEmbedder embedder(default_dimensions);
  HybridSearch(memory, embedder).embed(scope);
}

std::vector<std::string> keys_near(Memory& memory, const Scope& scope, const std::string& text) {
  std::vector<std::string> keys;
  for (const SearchHit& hit : memory.nearest(query_near(scope, text)).hits) {
    keys.push_back(hit.entry.key);
  }
  return keys;
}

std::vector<std::string> keys_without_vector(Memory& memory, const Scope& scope) {
  std::vector<std::string> keys;
  for (const Entry& entry : memory.without_vector(scope, 10'000)) keys.push_back(entry.key);
  return keys;
}

std::string vector_problems(Memory& memory, const Scope& scope) {
  std::map<Address, Entry> with_text;
  for (Entry& entry : all_pages(memory, query_of(scope, OrderBy::created))) {
    if (embedded_texts().text_to_embed(entry.value).empty()) continue;
    const Address at{entry.ns, entry.key};
    with_text.emplace(at, std::move(entry));
  }
  if (std::string problem = check_kept(memory, scope, with_text); !problem.empty()) return problem;
  for (const char* text : {"apple", "pear plum", "nothing like it"}) {
    std::string problem = check_nearest(memory, scope, text, with_text);
    if (!problem.empty()) return problem;
  }
  const std::vector<std::string> problems = index_problems(memory);
  return problems.empty() ? std::string() : problems.front();
}

}  // namespace holdfast::conformance
