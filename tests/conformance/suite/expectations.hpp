// What the tests of the suite say over and over.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "holdfast/conformance/conformance_test.hpp"
#include "holdfast/memory.hpp"

// Stands first in a test: a failure then names the clause of docs/contract.md that it breaks.
#define HOLDFAST_CLAUSE(number) SCOPED_TRACE("docs/contract.md, clause " number)

namespace holdfast::conformance {

using namespace std::chrono_literals;

// What `call` throws; empty where it returns. An exception that is not an `Error` passes through
// and fails the test.
template <typename Call>
[[nodiscard]] std::optional<Error> error_of(Call&& call) {
  try {
    static_cast<void>(std::forward<Call>(call)());
  } catch (const Error& error) {
    return error;
  }
  return std::nullopt;
}

template <typename Call>
[[nodiscard]] testing::AssertionResult throws(ErrorCode code, Call&& call) {
  const std::optional<Error> error = error_of(std::forward<Call>(call));
  if (!error) {
    return testing::AssertionFailure() << "returned instead of throwing " << to_string(code);
  }
  if (error->code() != code) {
    return testing::AssertionFailure()
           << "threw another error than " << to_string(code) << ": " << error->what();
  }
  return testing::AssertionSuccess();
}

template <typename Call>
[[nodiscard]] testing::AssertionResult is_refused_as_invalid(Call&& call) {
  return throws(ErrorCode::invalid_argument, std::forward<Call>(call));
}

[[nodiscard]] inline std::vector<std::string> keys_of(const std::vector<Entry>& entries) {
  std::vector<std::string> keys;
  for (const Entry& entry : entries) keys.push_back(entry.key);
  return keys;
}

// "namespace:key" of each.
[[nodiscard]] inline std::vector<std::string> places_of(const std::vector<Entry>& entries) {
  std::vector<std::string> places;
  for (const Entry& entry : entries) {
    places.push_back(std::string(entry.ns.text()) + ":" + entry.key);
  }
  return places;
}

// Every page of a query, one after another.
[[nodiscard]] inline std::vector<Entry> all_pages(Memory& memory, MemoryQuery query) {
  std::vector<Entry> entries;
  do {
    Page page = memory.query(query);
    EXPECT_LE(page.entries.size(), query.limit);
    if (!page.cursor.empty()) {
      EXPECT_EQ(page.entries.size(), query.limit);
    }
    for (Entry& entry : page.entries) entries.push_back(std::move(entry));
    if (!page.cursor.empty() && page.cursor == query.cursor) {
      ADD_FAILURE() << "a page goes on where it began";
      break;
    }
    query.cursor = page.cursor;
  } while (!query.cursor.empty());
  return entries;
}

[[nodiscard]] inline std::vector<std::string> texts_of(const std::vector<Namespace>& namespaces) {
  std::vector<std::string> texts;
  for (const Namespace& ns : namespaces) texts.emplace_back(ns.text());
  return texts;
}

[[nodiscard]] inline std::vector<std::string> listed(Memory& memory, NamespaceQuery query = {}) {
  std::vector<std::string> texts;
  do {
    const NamespacePage page = memory.list_namespaces(query);
    EXPECT_LE(page.namespaces.size(), query.limit);
    for (const Namespace& ns : page.namespaces) texts.emplace_back(ns.text());
    query.cursor = page.cursor;
  } while (!query.cursor.empty());
  return texts;
}

[[nodiscard]] inline std::vector<Change> all_changes(Memory& memory, Revision after = 0,
                                                     std::size_t limit = 1000) {
  std::vector<Change> changes;
  for (bool more = true; more;) {
    ChangePage page = memory.changes(after, limit);
    EXPECT_LE(page.changes.size(), limit);
    EXPECT_GE(page.next_after, after);
    if (page.more) {
      EXPECT_GT(page.next_after, after);
    }
    for (Change& change : page.changes) changes.push_back(std::move(change));
    after = page.next_after;
    more = page.more;
  }
  return changes;
}

[[nodiscard]] inline Scope only(const Namespace& ns) { return {ns, false}; }
[[nodiscard]] inline Scope below(const Namespace& ns) { return {ns, true}; }

[[nodiscard]] inline MemoryQuery query_of(Scope scope, OrderBy order = OrderBy::key,
                                          Direction direction = Direction::ascending,
                                          std::size_t limit = MemoryQuery::max_limit) {
  MemoryQuery query;
  query.scope = std::move(scope);
  query.order = order;
  query.direction = direction;
  query.limit = limit;
  return query;
}

[[nodiscard]] inline SetOptions with_ttl(Ttl ttl) { return {.ttl = ttl}; }
[[nodiscard]] inline SetOptions on(Precondition precondition) {
  return {.precondition = precondition};
}
[[nodiscard]] inline EraseOptions erase_on(Precondition precondition) {
  return {.precondition = precondition};
}

// Everything that can be seen of a store, for asking whether a refused call changed something.
[[nodiscard]] inline std::vector<Entry> everything(Memory& memory) {
  return all_pages(memory, query_of(below({})));
}

}  // namespace holdfast::conformance
