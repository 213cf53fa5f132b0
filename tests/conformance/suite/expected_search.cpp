#include "expected_search.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <ostream>

#include "expectations.hpp"
#include "search_model/reference_index.hpp"

namespace holdfast::conformance {
namespace {

std::string place_of(const Entry& entry) { return std::string(entry.ns.text()) + ":" + entry.key; }

}  // namespace

void PrintTo(const FoundEntry& found, std::ostream* out) {
  *out << found.place << " (" << std::to_string(found.score) << ")";
}

std::vector<FoundEntry> expected_search(Memory& memory, const Scope& scope,
                                        const std::string& text) {
  const std::vector<SearchConfiguration> configurations = memory.search_configurations();
  const SearchConfiguration* const configuration = governing(configurations, scope.ns.text());
  if (configuration == nullptr) throw_invalid_argument("nothing to expect: no configuration");
  std::map<std::string, std::vector<Entry>> namespaces;
  for (Entry& entry : all_pages(memory, query_of(scope, OrderBy::created))) {
    if (governing(configurations, entry.ns.text()) != configuration) continue;
    namespaces[std::string(entry.ns.text())].push_back(std::move(entry));
  }
  testing::ReferenceIndex index(configuration->config);
  std::vector<const std::vector<Entry>*> sequences;
  for (const auto& [ns, entries] : namespaces) {
    for (std::size_t i = 0; i < entries.size(); ++i) {
      const SearchPlace place{static_cast<std::uint32_t>(sequences.size()),
                              static_cast<std::uint32_t>(i)};
      index.put(place, entries[i].created_revision, entries[i].value, entries[i].created_at);
    }
    sequences.push_back(&entries);
  }
  std::vector<FoundEntry> found;
  for (const RankedDocument& each : index.search(text, index.size())) {
    const Entry& entry = (*sequences[each.place.sequence])[each.place.position];
    found.push_back({place_of(entry), each.score});
  }
  return found;
}

std::vector<FoundEntry> found_by_search(Memory& memory, const Scope& scope, const std::string& text,
                                        std::size_t limit) {
  SearchQuery query;
  query.scope = scope;
  query.text = text;
  query.limit = limit;
  std::vector<FoundEntry> found;
  do {
    const SearchPage page = memory.search(query);
    EXPECT_LE(page.hits.size(), limit);
    for (const SearchHit& hit : page.hits) found.push_back({place_of(hit.entry), hit.score});
    query.cursor = page.cursor;
  } while (!query.cursor.empty());
  return found;
}

std::vector<std::string> keys_found(Memory& memory, const Scope& scope, const std::string& text) {
  std::vector<std::string> keys;
  for (const FoundEntry& each : found_by_search(memory, scope, text)) {
    keys.push_back(each.place.substr(each.place.find(':') + 1));
  }
  return keys;
}

std::vector<std::string> index_problems(Memory& memory) {
  std::vector<std::string> problems;
  for (const SearchConfiguration& each : memory.search_configurations()) {
    const SearchCheck check = memory.check_search(each.ns);
    problems.insert(problems.end(), check.problems.begin(), check.problems.end());
  }
  return problems;
}

}  // namespace holdfast::conformance
