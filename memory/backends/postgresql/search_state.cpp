#include "search_state.hpp"

#include <algorithm>
#include <utility>

#include "schema.hpp"
#include "transaction.hpp"

namespace holdfast::postgresql {

namespace {

// Generation and configurations from one state.
constexpr const char* configurations_sql =
    "SELECT s.search_generation, c.namespace, c.config, c.version, c.stale FROM @schema@.store s"
    " LEFT JOIN @schema@.search_configuration c ON true ORDER BY c.namespace";

constexpr const char* mark_stale_sql =
    "WITH marked AS (UPDATE @schema@.search_configuration c SET stale = true"
    " FROM unnest($1::text[], $2::text[]) AS a(namespace, version)"
    " WHERE c.namespace = a.namespace AND c.version <> a.version AND NOT c.stale RETURNING 1)"
    " UPDATE @schema@.store SET search_generation = search_generation + 1"
    " WHERE EXISTS (SELECT FROM marked)";

std::vector<support::TextRange> without(const std::vector<support::TextRange>& ranges,
                                        const support::TextRange& hole) {
  std::vector<support::TextRange> rest;
  const auto keep = [&](support::TextRange part) {
    if (!part.empty()) rest.push_back(std::move(part));
  };
  for (const support::TextRange& range : ranges) {
    keep({range.first, std::min(range.end, hole.first)});
    keep({std::max(range.first, hole.end), range.end});
  }
  return rest;
}

std::shared_ptr<const SearchState> state_in(const Rows& rows, const SearchState& before) {
  auto state = std::make_shared<SearchState>();
  state->generation = rows.integer(0, 0);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (rows.is_null(i, 1)) continue;
    state->stored.push_back({std::string(rows.text(i, 1)), std::string(rows.text(i, 2)),
                             std::string(rows.text(i, 3)), rows.boolean(i, 4)});
  }
  state->catalog = search::SearchCatalog(state->stored, before.catalog);
  state->has_unmarked = std::ranges::any_of(
      state->stored, [&](const auto& each) { return state->is_unmarked(each); });
  return state;
}

}  // namespace

bool SearchState::is_unmarked(const search::StoredConfiguration& configuration) const {
  return !configuration.stale && catalog.at(configuration.ns)->needs_reindex;
}

std::vector<support::TextRange> SearchState::governed(const Scope& scope) const {
  std::vector<support::TextRange> ranges = ranges_of(scope);
  if (!scope.subtree) return ranges;
  for (const search::StoredConfiguration& each : stored) {
    if (each.ns == scope.ns.text() || !subtree_contains(scope.ns.text(), each.ns)) continue;
    for (const support::TextRange& hole : ranges_of(Scope{Namespace(each.ns), true}))
      ranges = without(ranges, hole);
  }
  return ranges;
}

std::vector<support::TextRange> ranges_of(const Scope& scope) {
  if (!scope.subtree) return {support::own_range(scope.ns.text())};
  const support::SubtreeRanges subtree(scope.ns.text());
  if (subtree.below.empty()) return {subtree.own};
  return {subtree.own, subtree.below};
}

void add_ranges(Arguments& arguments, const std::vector<support::TextRange>& ranges) {
  ArrayText firsts;
  ArrayText ends;
  for (const support::TextRange& range : ranges) {
    firsts.add(range.first);
    ends.add(range.end);
  }
  arguments.add(firsts.take()).add(ends.take());
}

SearchStates::SearchStates(const Store& store)
    : begin_(in_schema(begin_change, store.options.schema)),
      generation_(store.statement("holdfast_search_generation",
                                  "SELECT s.search_generation FROM @schema@.store s")),
      configurations_(store.statement("holdfast_search_configurations", configurations_sql)),
      mark_stale_(store.statement("holdfast_search_mark_stale", mark_stale_sql)),
      known_(std::make_shared<SearchState>()) {}

SearchStates::State SearchStates::known() const {
  const std::lock_guard lock(mutex_);
  return known_;
}

SearchStates::State SearchStates::read(Connection& connection, const Context& context) {
  return at(connection, connection.execute(generation_, {}, context).integer(0, 0), context);
}

// A store in which nothing was ever configured may be used without rights on the index's tables.
SearchStates::State SearchStates::at(Connection& connection, std::int64_t generation,
                                     const Context& context) {
  const State before = known();
  if (before->generation == generation) return before;
  State state = state_in(connection.execute(configurations_, {}, context), *before);
  const std::lock_guard lock(mutex_);
  known_ = state;
  return state;
}

bool SearchStates::mark_stale(Connection& connection, const SearchState& state,
                              const std::vector<std::string_view>& namespaces,
                              const Context& context) const {
  ArrayText marked;
  ArrayText versions;
  bool marks = false;
  for (const search::StoredConfiguration& each : state.stored) {
    const search::ConfiguredNamespace* const configured = state.catalog.at(each.ns);
    const bool is_written = std::ranges::any_of(
        namespaces, [&](std::string_view ns) { return state.catalog.governing(ns) == configured; });
    if (!is_written || !state.is_unmarked(each)) continue;
    marked.add(each.ns);
    versions.add(search::index_version(*configured->indexer));
    marks = true;
  }
  if (!marks) return false;
  OpenTransaction transaction(connection, begin_, context);
  connection.execute(mark_stale_, Arguments().add(marked.take()).add(versions.take()), context);
  transaction.commit(context);
  return true;
}

}  // namespace holdfast::postgresql
