// Queries: whatever their parts are, the in-memory store answers as the model of the contract does,
// page by page, by count and by scan (contract, clauses 7.1, 7.2, 7.6 and 7.8). Each line is a
// part: a letter and its text, as in `read_part`.
#include "holdfast/query.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <memory>
#include <vector>

#include "fuzz_input.hpp"
#include "holdfast/conformance/reference_model.hpp"
#include "holdfast/in_memory.hpp"

namespace holdfast::fault_tests {
namespace {

using conformance::ReferenceModel;

const std::array<const char*, 8> namespaces{"",         "a",         "a/b",        "a!",
                                            "users/42", "users/421", "users/42/c", "a%2Fb"};
const std::array<const char*, 8> keys{"", "k", "k1", "k2*", "kk", "\xc3\xa9", "z\\", "%_"};
const std::array<const char*, 8> values{"1",
                                        "2.5",
                                        "null",
                                        R"("text")",
                                        R"({"n":1,"s":"x"})",
                                        R"({"n":2.0,"tags":["a","b"]})",
                                        R"({"$bytes":"AAEC"})",
                                        R"([1,{"n":3}])"};

// A store and the model, filled alike: once for the whole run, as queries change nothing.
struct Filled {
  std::shared_ptr<ManualClock> clock = std::make_shared<ManualClock>();
  Memory store;
  ReferenceModel model;

  Filled() : store(open_in_memory(options())) {
    // Every seventh is overwritten later, so that the orders of creation and of writing differ.
    for (std::size_t i = 0; i < 40; ++i) set(i);
    for (std::size_t i = 0; i < 40; i += 7) set(i);
  }

 private:
  InMemoryOptions options() const {
    InMemoryOptions options;
    options.clock = clock;
    return options;
  }
  void set(std::size_t i) {
    clock->advance(std::chrono::milliseconds(i % 3));
    WriteBatch batch;
    batch.set(namespaces[i * 5 % 8], keys[i * 3 % 7 + i / 30], MemoryValue::parse(values[i % 8]));
    std::vector<WriteResult> results;
    model.write(batch.ops(), results, clock->now());
    store.write(batch);
  }
};

std::int64_t number_in(std::string_view text) {
  std::int64_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

TimeRange range_in(std::string_view text) {
  const std::size_t space = std::min(text.find(' '), text.size());
  const auto side = [](std::string_view part) -> std::optional<Timestamp> {
    if (part.empty()) return std::nullopt;
    // About the first entries' instants.
    return ManualClock().now() + std::chrono::milliseconds(number_in(part) % 100'000);
  };
  return {side(text.substr(0, space)),
          side(space < text.size() ? text.substr(space + 1) : std::string_view())};
}

// Throws for text that no query takes.
void read_part(MemoryQuery& query, char letter, std::string_view text) {
  switch (letter) {
    case 's':
      query.scope.ns = Namespace(text);
      return;
    case 't':
      query.scope.subtree = true;
      return;
    case 'p':
      query.key_prefix = text;
      return;
    case 'g':
      query.key_pattern = KeyPattern(text);
      return;
    case 'f':
      query.filter = Filter::parse(text);
      return;
    case 'o':
      query.order = static_cast<OrderBy>(FuzzInput(text).below(3));
      return;
    case 'd':
      query.direction = Direction::descending;
      return;
    case 'c':
      query.created = range_in(text);
      return;
    case 'u':
      query.updated = range_in(text);
      return;
    case 'l':
      query.limit = static_cast<std::size_t>(number_in(text));
      return;
    case 'a':
      query.after_revision = number_in(text);
      return;
    case 'k':
      query.keys_only = true;
      return;
    default:
      return;
  }
}

bool is_allowed(const MemoryQuery& query) {
  const bool is_utf8 = !refusal_of([&] { MemoryValue value(query.key_prefix); });
  return query.limit >= 1 && query.limit <= MemoryQuery::max_limit &&
         !query.scope.ns.is_reserved() && is_utf8 && query.key_prefix.size() <= max_key_bytes &&
         query.key_prefix.find('\0') == std::string::npos &&
         (!query.after_revision || (*query.after_revision >= 0 && query.order != OrderBy::key));
}

// The model tries all there is for each star.
bool is_cheap(const KeyPattern& pattern) { return std::ranges::count(pattern.text(), '*') <= 4; }

std::vector<Entry> expected(const Filled& filled, const MemoryQuery& query) {
  auto entries = filled.model.query(
      query, [&](const MemoryValue& value) { return query.filter.matches(value); },
      filled.clock->now());
  if (!query.after_revision) return entries;
  std::erase_if(entries, [&](const Entry& entry) {
    const Revision at = query.order == OrderBy::created ? entry.created_revision : entry.revision;
    return query.direction == Direction::ascending ? at <= *query.after_revision
                                                   : at >= *query.after_revision;
  });
  return entries;
}

void expect_same(const Entry& entry, Entry wanted, bool keys_only) {
  if (keys_only) wanted.value = MemoryValue();
  expect(entry == wanted, "another entry", std::string(entry.ns.text()) + ":" + entry.key);
}

void check(Filled& filled, MemoryQuery query) {
  const std::vector<Entry> wanted = expected(filled, query);
  std::size_t at = 0;
  filled.store.scan(query, [&](const ScanRow& row) {
    expect(at < wanted.size() && row.address == AddressView{wanted[at].ns.text(), wanted[at].key},
           "a scan gives another entry");
    return ++at < 1000;
  });
  expect(at == wanted.size(), "a scan leaves entries out");
  at = 0;
  do {
    const Page page = filled.store.query(query);
    expect(page.entries.size() == std::min(query.limit, wanted.size() - at),
           "a page of another size");
    for (const Entry& entry : page.entries) expect_same(entry, wanted[at++], query.keys_only);
    expect(page.cursor.empty() == (at == wanted.size()), "the last page is another");
    query.cursor = page.cursor;
  } while (!query.cursor.empty());
  query.cursor.clear();
  query.after_revision.reset();
  expect(filled.store.count(query) == expected(filled, query).size(), "another count");
}

}  // namespace
}  // namespace holdfast::fault_tests

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace holdfast::fault_tests;
  static Filled filled;
  FuzzInput input(bytes, size);
  holdfast::MemoryQuery query;
  while (!input.at_end()) {
    const std::string_view line = input.line();
    if (line.empty()) continue;
    static_cast<void>(is_taken([&] { read_part(query, line.front(), line.substr(1)); }));
  }
  if (!is_allowed(query)) {
    expect(!is_taken([&] { static_cast<void>(filled.store.query(query)); }), "it was taken");
  } else if (is_cheap(query.key_pattern)) {
    check(filled, query);
  }
  return 0;
}
