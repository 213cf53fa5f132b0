// Searching by vectors, and keeping them.
#include <cmath>

#include "holdfast/row_copier.hpp"
#include "memory_state.hpp"
#include "search_page.hpp"
#include "validate.hpp"

namespace holdfast {
namespace {

// The direction of a vector, as a backend takes it.
std::vector<float> unit_of(std::span<const float> vector) {
  if (vector.size() > SearchEmbedding::max_dimensions) {
    throw_invalid_argument("a vector of " + std::to_string(vector.size()) + " numbers; up to " +
                           std::to_string(SearchEmbedding::max_dimensions) + " are allowed");
  }
  double squares = 0;
  for (std::size_t i = 0; i < vector.size(); ++i) {
    if (!std::isfinite(vector[i])) {
      throw_invalid_argument("number " + std::to_string(i) + " of a vector is not finite");
    }
    squares += static_cast<double>(vector[i]) * static_cast<double>(vector[i]);
  }
  if (squares == 0) throw_invalid_argument("a vector that is empty or all zeros has no direction");
  const double length = std::sqrt(squares);
  std::vector<float> unit;
  unit.reserve(vector.size());
  for (const float number : vector) {
    unit.push_back(static_cast<float>(static_cast<double>(number) / length));
  }
  return unit;
}

}  // namespace

SearchPage Memory::nearest(const VectorQuery& query, const Context& context) {
  return state_->call("nearest", context, [&](CallGate::Pass&) {
    check_namespace(query.scope.ns);
    check_search_limit(query.limit, VectorQuery::max_limit);
    const std::vector<float> unit = unit_of(query.vector);
    SearchPage page;
    RowCopier copier;
    search_index_of(*state_->backend)
        .nearest(
            {query.scope, unit},
            [&](const RankedRow& row) {
              context.check();
              if (!lets_through(query, row.record)) return true;
              SearchHit& hit = page.hits.emplace_back();
              hit.entry = copier.copy(row.address, row.record);
              hit.score = static_cast<double>(row.micros) / 1e6;
              return page.hits.size() < query.limit;
            },
            context);
    return page;
  });
}

std::vector<Entry> Memory::without_vector(const Scope& scope, std::size_t limit,
                                          const Context& context) {
  return state_->call("without_vector", context, [&](CallGate::Pass&) {
    check_namespace(scope.ns);
    check_search_limit(limit, max_entries_without_vector);
    std::vector<Entry> entries;
    RowCopier copier;
    search_index_of(*state_->backend)
        .without_vector(
            scope,
            [&](const AddressView& address, const Record& record) {
              entries.push_back(copier.copy(address, record));
              return entries.size() < limit;
            },
            context);
    return entries;
  });
}

std::uint64_t Memory::put_vectors(std::span<const EntryVector> vectors, const Context& context) {
  return state_->call("put_vectors", context, [&](CallGate::Pass&) {
    std::vector<std::vector<float>> units;
    std::vector<VectorRow> rows;
    units.reserve(vectors.size());
    rows.reserve(vectors.size());
    for (const EntryVector& each : vectors) {
      check_namespace(each.address.ns);
      check_key(each.address.key);
      const std::vector<float>& unit = units.emplace_back(unit_of(each.vector));
      rows.push_back({{each.address.ns.text(), each.address.key}, each.revision, unit, each.model});
    }
    SearchIndex& index = search_index_of(*state_->backend);
    return rows.empty() ? 0 : index.put_vectors(rows, context);
  });
}

void Memory::scan_vectors(const Scope& scope, const VectorSink& sink, const Context& context) {
  state_->call("scan_vectors", context, [&](CallGate::Pass&) {
    check_namespace(scope.ns);
    search_index_of(*state_->backend).vectors(scope, sink, context);
  });
}

}  // namespace holdfast
