#include "holdfast/hybrid_search.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <utility>

#include "search_page.hpp"

namespace holdfast {
namespace {

// Entries whose vectors are made and kept together.
constexpr std::size_t entries_at_once = 256;
// An embedder that takes none of so many texts takes none.
constexpr std::size_t refused_at_once = 8;

void check_weight(std::string_view name, double weight) {
  if (std::isfinite(weight) && weight >= 0) return;
  throw_invalid_argument("the weight of the " + std::string(name) +
                         " is to be finite and not negative");
}

void check_query(const HybridQuery& query) {
  check_search_limit(query.candidates, HybridQuery::max_candidates);
  check_search_limit(query.limit, query.candidates);
  check_weight("words", query.words_weight);
  check_weight("vectors", query.vectors_weight);
  if (query.words_weight == 0 && query.vectors_weight == 0) {
    throw_invalid_argument("words and vectors both have the weight 0");
  }
  constexpr double max_rank_constant = 10'000;
  if (!(query.rank_constant >= 0 && query.rank_constant <= max_rank_constant)) {
    throw_invalid_argument("the rank constant is to be 0 to 10,000");
  }
}

// The lists, by the addresses of their entries.
class Fusion {
 public:
  explicit Fusion(const HybridQuery& query) noexcept : query_(query) {}

  void add_words(SearchPage page) {
    for (std::size_t i = 0; i < page.hits.size(); ++i) {
      HybridHit& hit = add(page.hits[i], query_.words_weight, i + 1);
      hit.words_rank = i + 1;
      hit.words_score = page.hits[i].score;
      hit.explanation = std::move(page.hits[i].explanation);
    }
  }
  void add_vectors(SearchPage page) {
    for (std::size_t i = 0; i < page.hits.size(); ++i) {
      HybridHit& hit = add(page.hits[i], query_.vectors_weight, i + 1);
      hit.vectors_rank = i + 1;
      hit.cosine = page.hits[i].score;
    }
  }
  [[nodiscard]] std::vector<HybridHit> take() {
    std::vector<HybridHit> best;
    best.reserve(hits_.size());
    for (auto& [address, hit] : hits_) best.push_back(std::move(hit));
    std::ranges::sort(best, [](const HybridHit& a, const HybridHit& b) {
      if (a.score != b.score) return a.score > b.score;
      return a.entry.created_revision > b.entry.created_revision;
    });
    if (best.size() > query_.limit) best.resize(query_.limit);
    return best;
  }

 private:
  HybridHit& add(SearchHit& from, double weight, std::size_t rank) {
    HybridHit& hit = hits_[{from.entry.ns, from.entry.key}];
    hit.score += weight / (query_.rank_constant + static_cast<double>(rank));
    hit.entry = std::move(from.entry);
    return hit;
  }

  const HybridQuery& query_;
  std::map<Address, HybridHit> hits_;
};

}  // namespace

SearchConfig HybridSearch::with_embedding(SearchConfig config) const {
  config.embedding = SearchEmbedding{embedder_.model(), embedder_.dimensions()};
  return config;
}

SearchConfig HybridSearch::require_config(const Namespace& ns, const Context& context) {
  const std::vector<SearchConfiguration> all = memory_.search_configurations(context);
  const SearchConfiguration* const nearest = governing(all, ns.text());
  const SearchEmbedding own{embedder_.model(), embedder_.dimensions()};
  const auto describe = [](const SearchEmbedding& embedding) {
    return "'" + embedding.model + "' with " + std::to_string(embedding.dimensions) + " dimensions";
  };
  if (nearest == nullptr || !nearest->config.embedding) {
    throw Error(ErrorCode::failed_precondition,
                "no search configuration with an embedding governs the namespace; this embedder "
                "is " +
                    describe(own));
  }
  if (*nearest->config.embedding != own) {
    throw Error(ErrorCode::failed_precondition, "the search configuration is for the embeddings " +
                                                    describe(*nearest->config.embedding) +
                                                    "; this embedder is " + describe(own));
  }
  return nearest->config;
}

std::vector<std::vector<float>> HybridSearch::vectors_of(std::span<const std::string> texts,
                                                         const Context& context) {
  const std::size_t at_once = std::max<std::size_t>(1, embedder_.max_batch());
  std::vector<std::vector<float>> vectors;
  vectors.reserve(texts.size());
  for (std::size_t first = 0; first < texts.size(); first += at_once) {
    const auto batch = texts.subspan(first, std::min(at_once, texts.size() - first));
    std::vector<std::vector<float>> made = embedder_.embed(batch, context);
    if (made.size() != batch.size()) {
      throw Error(ErrorCode::internal, "the embedder '" + embedder_.model() + "' made " +
                                           std::to_string(made.size()) + " vectors of " +
                                           std::to_string(batch.size()) + " texts");
    }
    std::ranges::move(made, std::back_inserter(vectors));
  }
  return vectors;
}

// Entries whose texts the embedder does not take: they must not keep the others from theirs.
class HybridSearch::Refusals {
 public:
  void add(const Entry& entry, const Error& error) {
    if (entries_.empty()) {
      first_ = "the text of \"" + entry.key + "\" in \"" + std::string(entry.ns.text()) +
               "\": " + error.message();
    }
    entries_.insert({entry.ns, entry.key});
  }
  [[nodiscard]] std::size_t size() const noexcept { return entries_.size(); }
  void leave_out_of(std::vector<Entry>& entries) const {
    if (entries_.empty()) return;
    std::erase_if(entries, [&](const Entry& entry) {
      return entries_.contains({entry.ns, entry.key});
    });
  }
  void raise() const {
    if (entries_.empty()) return;
    throw_invalid_argument("the embedder does not take the texts of " +
                           std::to_string(entries_.size()) + " entries; the first: " + first_);
  }

 private:
  std::set<Address> entries_;
  std::string first_;
};

std::vector<EntryVector> HybridSearch::vectors_for(const std::vector<Entry>& entries,
                                                   const SearchConfig& config, Refusals& refusals,
                                                   const Context& context) {
  std::vector<std::string> texts;
  texts.reserve(entries.size());
  for (const Entry& entry : entries) texts.push_back(config.text_to_embed(entry.value));
  std::vector<EntryVector> vectors;
  vectors.reserve(entries.size());
  const auto add = [&](const Entry& entry, std::vector<float>& made) {
    vectors.push_back({{entry.ns, entry.key}, entry.revision, std::move(made), embedder_.model()});
  };
  try {
    std::vector<std::vector<float>> made = vectors_of(texts, context);
    for (std::size_t i = 0; i < entries.size(); ++i) add(entries[i], made[i]);
    return vectors;
  } catch (const Error& error) {
    if (error.code() != ErrorCode::invalid_argument) throw;
    vectors.clear();
  }
  for (std::size_t i = 0; i < entries.size(); ++i) {
    try {
      std::vector<std::vector<float>> made = vectors_of(std::span(texts).subspan(i, 1), context);
      add(entries[i], made.front());
    } catch (const Error& error) {
      if (error.code() != ErrorCode::invalid_argument) throw;
      // It is not for single texts that it refuses.
      if (vectors.empty() && i + 1 >= refused_at_once) throw;
      refusals.add(entries[i], error);
    }
  }
  return vectors;
}

std::uint64_t HybridSearch::embed(const Scope& scope, const Context& context) {
  std::uint64_t kept = 0;
  Refusals refusals;
  while (true) {
    const SearchConfig config = require_config(scope.ns, context);
    const std::size_t wanted =
        std::min(entries_at_once + refusals.size(), max_entries_without_vector);
    std::vector<Entry> entries = memory_.without_vector(scope, wanted, context);
    refusals.leave_out_of(entries);
    if (entries.empty()) break;
    const std::vector<EntryVector> vectors = vectors_for(entries, config, refusals, context);
    // Another configuration meanwhile: of another model, or of other texts.
    if (require_config(scope.ns, context) != config) continue;
    kept += memory_.put_vectors(vectors, context);
    context.check();
  }
  refusals.raise();
  return kept;
}

std::vector<HybridHit> HybridSearch::search(const HybridQuery& query, const Context& context) {
  check_query(query);
  Fusion fusion(query);
  if (query.vectors_weight > 0) {
    static_cast<void>(require_config(query.scope.ns, context));
    VectorQuery by_vector{query.scope,   vectors_of({&query.text, 1}, context).front(),
                          query.filter,  query.created,
                          query.updated, query.candidates};
    fusion.add_vectors(memory_.nearest(by_vector, context));
  }
  if (query.words_weight > 0) {
    SearchQuery by_words{query.scope,   query.text,       query.filter, query.created,
                         query.updated, query.candidates, query.explain};
    fusion.add_words(memory_.search(by_words, context));
  }
  return fusion.take();
}

}  // namespace holdfast
