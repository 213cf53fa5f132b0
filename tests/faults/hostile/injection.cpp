#include "injection.hpp"

#include <algorithm>
#include <array>

namespace holdfast::fault_tests {
namespace {

constexpr std::array operators{Filter::Operator::eq,     Filter::Operator::ne,
                               Filter::Operator::gt,     Filter::Operator::gte,
                               Filter::Operator::lt,     Filter::Operator::lte,
                               Filter::Operator::in,     Filter::Operator::nin,
                               Filter::Operator::exists, Filter::Operator::contains};

MemoryValue operand(Filter::Operator op, const std::string& text) {
  if (op == Filter::Operator::in || op == Filter::Operator::nin) return MemoryValue::list({text});
  if (op == Filter::Operator::exists) return true;
  return text;
}

MemoryValue value_of(const std::string& text) {
  std::vector<MemoryValue::Member> members{{"note", text}, {"tags", MemoryValue::list({text})}};
  if (text != "note" && text != "tags") members.emplace_back(text, text);
  return MemoryValue::map(members);
}

MemoryQuery all_of_mine() {
  MemoryQuery query;
  query.scope = {mine, true};
  query.limit = MemoryQuery::max_limit;
  return query;
}

}  // namespace

std::vector<Entry> Injection::own_entries() { return memory().query(all_of_mine()).entries; }

void Injection::fill_with(const std::vector<std::string>& texts) {
  WriteBatch batch;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    batch.set(mine / "values", std::to_string(i), value_of(texts[i]));
  }
  memory().write(batch);
}

void Injection::as_transaction(const Namespace& ns, const std::string& text) {
  memory().transaction([&](Transaction& transaction) {
    const auto seen = transaction.get(ns, text);
    transaction.set(ns, text, seen ? *seen : MemoryValue(text));
    transaction.increment(ns / "n", text, 1);
  });
}

void Injection::as_address(const std::string& text) {
  // Longer by its escapes than a namespace may be.
  Namespace ns = mine;
  static_cast<void>(is_taken([&] { ns = mine / text; }, shown(text)));
  const MemoryValue value = value_of(text);
  EXPECT_EQ(memory().set(ns, text, value).status, WriteStatus::created) << shown(text);
  EXPECT_EQ(memory().get(ns, text), value) << shown(text);
  WriteBatch batch;
  batch.check(ns, text, Precondition::if_present()).touch(ns, text, std::chrono::hours(1));
  batch.increment(ns / "n", text, 1).set(ns, text, value, {.return_previous = true});
  EXPECT_TRUE(memory().write(batch).applied) << shown(text);
  as_transaction(ns, text);
  MemoryQuery query = all_of_mine();
  query.scope = {ns, false};
  query.key_prefix = text;
  const auto found = memory().query(query).entries;
  EXPECT_TRUE(std::ranges::any_of(found, [&](const Entry& e) { return e.key == text; }))
      << shown(text);
  expect_mine(found, shown(text));
  EXPECT_TRUE(memory().take(ns, text).has_value()) << shown(text);
  EXPECT_EQ(memory().erase(ns, text).status, WriteStatus::absent) << shown(text);
  EXPECT_EQ(memory().clear({ns / "n", true}), 1U) << shown(text);
  calls_ += 9;
}

std::size_t Injection::as_addresses(const std::vector<std::string>& texts) {
  calls_ = 0;
  for (const std::string& text : texts) {
    if (text.size() <= max_key_bytes / 4) as_address(text);
  }
  expect_others_untouched("addresses");
  return calls_;
}

// The store's answer is what the filter says of each of the tenant's own entries.
void Injection::as_filter(const Filter& filter, const std::vector<Entry>& own,
                          const std::string& text) {
  MemoryQuery query = all_of_mine();
  query.filter = filter;
  std::vector<std::string> wanted;
  for (const Entry& entry : own) {
    if (filter.matches(entry.value)) wanted.push_back(entry.key);
  }
  std::vector<std::string> found;
  const std::vector<Entry> entries = memory().query(query).entries;
  for (const Entry& entry : entries) found.push_back(entry.key);
  EXPECT_EQ(found, wanted) << shown(text) << ": " << filter.to_value().json_text();
  expect_mine(entries, shown(text));
  ++calls_;
}

std::size_t Injection::as_filters(const std::vector<std::string>& texts) {
  calls_ = 0;
  fill_with(texts);
  const std::vector<Entry> own = own_entries();
  for (const std::string& text : texts) {
    for (const Filter::Operator op : operators) {
      const MemoryValue value = operand(op, text);
      as_filter(Filter::where(Path(std::vector<Path::Step>{text}), op, value), own, text);
      const bool in_list = op == Filter::Operator::contains;
      as_filter(Filter::where(in_list ? "tags" : "note", op, value), own, text);
    }
    // Pasted into the JSON form, as a careless caller might.
    for (const std::string& form : {"{\"" + text + "\":1}", "{\"note\":\"" + text + "\"}",
                                    "{\"note\":{\"" + text + "\":1}}"}) {
      static_cast<void>(is_taken([&] { as_filter(Filter::parse(form), own, text); }, shown(text)));
    }
  }
  expect_others_untouched("filters");
  return calls_;
}

std::size_t Injection::as_patterns(const std::vector<std::string>& texts) {
  calls_ = 0;
  WriteBatch batch;
  for (const std::string& text : texts) batch.set(mine / "keys", text, 1);
  memory().write(batch);
  const std::vector<Entry> own = own_entries();
  for (const std::string& text : texts) {
    MemoryQuery query = all_of_mine();
    if (!is_taken([&] { query.key_pattern = KeyPattern(text); }, shown(text))) continue;
    const auto matching = std::ranges::count_if(
        own, [&](const Entry& entry) { return query.key_pattern.matches(entry.key); });
    const auto found = memory().query(query).entries;
    EXPECT_EQ(found.size(), static_cast<std::size_t>(matching)) << shown(text);
    expect_mine(found, shown(text));
    query.key_pattern = {};
    query.key_prefix = text;
    expect_mine(memory().query(query).entries, shown(text));
    NamespaceQuery names;
    if (is_taken([&] { names.prefix = NamespacePattern("mine/" + text); }, shown(text))) {
      for (const Namespace& ns : memory().list_namespaces(names).namespaces) {
        EXPECT_TRUE(mine.contains(ns)) << shown(text) << " gives " << ns.text();
      }
    }
    calls_ += 3;
  }
  expect_others_untouched("patterns");
  return calls_;
}

std::size_t Injection::as_searches(const std::vector<std::string>& texts) {
  calls_ = 0;
  if (!memory().capabilities().search) return 0;
  fill_with(texts);
  memory().configure_search(mine, SearchConfig::texts({"note"}));
  for (const std::string& text : texts) {
    const SearchPage page =
        memory().search({.scope = {mine, true}, .text = text, .limit = 1000, .explain = true});
    for (const SearchHit& hit : page.hits) expect_mine({hit.entry}, shown(text));
    SearchConfig config;
    static_cast<void>(is_taken(
        [&] {
          config = SearchConfig::texts({SearchPath(text), "note"});
          config.unless = SearchPath(text);
        },
        shown(text)));
    config.embedding = {text.substr(0, SearchEmbedding::max_model_bytes), 2};
    memory().set(mine / "searched", "k", value_of(text));
    const bool taken =
        is_taken([&] { memory().configure_search(mine / "searched", config); }, shown(text));
    if (taken) {
      EXPECT_TRUE(memory().check_search(mine / "searched").problems.empty()) << shown(text);
    }
    config.language = text;
    EXPECT_FALSE(is_taken([&] { memory().configure_search(mine, config); }, shown(text)));
    calls_ += 4;
  }
  expect_others_untouched("searches");
  return calls_;
}

std::size_t Injection::as_handles(const std::vector<std::string>& texts) {
  calls_ = 0;
  for (const std::string& text : texts) {
    MemoryQuery query = all_of_mine();
    query.cursor = text;
    EXPECT_FALSE(is_taken([&] { static_cast<void>(memory().query(query)); }, shown(text)));
    EXPECT_FALSE(is_taken([&] { static_cast<void>(memory().list_namespaces({.cursor = text})); },
                          shown(text)));
    std::optional<bool> outcome;
    static_cast<void>(is_taken([&] { outcome = memory().resolve({text}); }, shown(text)));
    EXPECT_NE(outcome, true) << shown(text);
    const Note note{text, text};
    if (is_taken([&] { memory().restore(RestoreBatch{.note = &note}); }, shown(text))) {
      EXPECT_EQ(memory().note(text), text) << shown(text);
    }
    calls_ += 4;
  }
  expect_others_untouched("handles");
  return calls_;
}

}  // namespace holdfast::fault_tests
