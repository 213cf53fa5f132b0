#include "vector_search.hpp"

#include <algorithm>

#include "holdfast/error.hpp"

namespace holdfast::search {
namespace {

bool is_behind(const ScoredVector& a, const ScoredVector& b) noexcept {
  return a.micros != b.micros ? a.micros < b.micros : a.created < b.created;
}

// A page of the usual size first, then more.
constexpr std::size_t first_at_once = VectorQuery::default_limit;
constexpr std::size_t most_at_once = 256;

}  // namespace

void nearest(const VectorRequest& request, VectorView& view, const RankedSink& sink,
             const Context& context) {
  std::vector<ScoredVector> heap;
  for (std::size_t ns = 0; ns < view.namespaces(); ++ns) {
    view.score(static_cast<std::uint32_t>(ns), request.vector, heap);
    context.check();
  }
  std::ranges::make_heap(heap, is_behind);
  std::vector<ScoredVector> best;
  for (std::size_t wanted = first_at_once; !heap.empty();
       wanted = std::min(4 * wanted, most_at_once)) {
    best.clear();
    while (!heap.empty() && best.size() < wanted) {
      std::ranges::pop_heap(heap, is_behind);
      best.push_back(heap.back());
      heap.pop_back();
    }
    view.expect(best);
    for (const ScoredVector& each : best) {
      const std::function<SearchExplanation()> explain = [&] {
        return SearchExplanation{static_cast<double>(each.micros) / 1e6, {}};
      };
      bool goes_on = true;
      view.read(each, [&](const AddressView& address, const Record& record) {
        goes_on = sink(RankedRow{address, record, each.micros, explain});
      });
      if (!goes_on) return;
    }
    context.check();
  }
}

const ConfiguredNamespace& require_embedding(const SearchCatalog& catalog, std::string_view ns) {
  const ConfiguredNamespace* const configured = catalog.governing(ns);
  if (configured == nullptr || !configured->indexer->config().embedding) {
    throw Error(ErrorCode::failed_precondition,
                "no search configuration with an embedding governs the namespace \"" +
                    std::string(ns) + "\"");
  }
  return *configured;
}

const ConfiguredNamespace& require_vector(const SearchCatalog& catalog, std::string_view ns,
                                          std::span<const float> vector) {
  const ConfiguredNamespace& configured = require_embedding(catalog, ns);
  const int dimensions = configured.indexer->config().embedding->dimensions;
  if (vector.size() != static_cast<std::size_t>(dimensions)) {
    throw_invalid_argument("a vector of " + std::to_string(vector.size()) +
                           " numbers; the search configuration of \"" + configured.ns + "\" says " +
                           std::to_string(dimensions));
  }
  return configured;
}

void require_vector(const SearchCatalog& catalog, const VectorRow& row) {
  const ConfiguredNamespace& configured = require_embedding(catalog, row.address.ns);
  const std::string& model = configured.indexer->config().embedding->model;
  if (!row.model.empty() && row.model != model) {
    throw Error(ErrorCode::failed_precondition, "a vector of the model '" + std::string(row.model) +
                                                    "'; the search configuration of \"" +
                                                    configured.ns + "\" is for '" + model + "'");
  }
  static_cast<void>(require_vector(catalog, row.address.ns, row.vector));
}

VectorStep vector_step(const SearchConfig& config, const Record* before, const Record* after) {
  if (!config.embedding) return {};
  const std::string old = before == nullptr ? std::string() : config.text_to_embed(before->value);
  const std::string next = after == nullptr ? std::string() : config.text_to_embed(after->value);
  const bool stays = before != nullptr && after != nullptr && old == next &&
                     before->created_revision == after->created_revision;
  if (stays) return {};
  return {!old.empty(), !next.empty()};
}

bool keeps_vectors(const SearchConfig& before, const SearchConfig& after) {
  return before.embedding && before.embedding == after.embedding && before.fields == after.fields &&
         before.unless == after.unless;
}

}  // namespace holdfast::search
