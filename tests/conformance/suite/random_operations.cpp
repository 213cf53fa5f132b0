// The operations of a randomised run.
#include <set>

#include "expectations.hpp"
#include "random_run.hpp"

namespace holdfast::conformance {
namespace {

std::string place_text(const Namespace& ns, std::string_view key) {
  return std::string(ns.text()) + ":" + std::string(key);
}

// One that can be incremented.
bool is_small_number(const MemoryValue& value) {
  constexpr std::int64_t bound = 1'000'000;
  const auto number = value.get_if<std::int64_t>();
  return number && *number > -bound && *number < bound;
}

}  // namespace

void RandomRun::add_random_op(WriteBatch& real, WriteBatch& model, bool single) {
  const RandomOp op = inputs_.op(single);
  op.add_to(real, in_store(op));
  op.add_to(model, in_model(op));
  doing_ += " " + op.text();
}

void RandomRun::set() {
  WriteBatch real;
  WriteBatch model;
  add_random_op(real, model, true);
  const WriteOp& op = real.ops().front();
  const Namespace ns(op.address.ns);
  std::vector<WriteResult> expected;
  model_.write(model.ops(), expected, now());
  if (op.kind == WriteOp::Kind::set) {
    const SetOptions options{op.precondition, op.ttl, op.keep_ttl, op.return_previous};
    compare_result(store_.set(ns, op.address.key, op.value, options), expected.front());
  } else {
    const EraseOptions options{op.precondition, op.return_previous};
    compare_result(store_.erase(ns, op.address.key, options), expected.front());
  }
}

void RandomRun::batch() {
  doing_ = "batch of";
  WriteBatch real;
  WriteBatch model;
  for (std::size_t i = 1 + draw(6); i > 0; --i) add_random_op(real, model, false);
  std::vector<WriteResult> expected;
  std::optional<std::size_t> expected_failed;
  BatchResult result;
  const bool returned = both([&] { result = store_.write(real); },
                             [&] { expected_failed = model_.write(model.ops(), expected, now()); });
  if (!returned) return;
  expect_equal(result.applied, !expected_failed.has_value(), "being applied");
  expect_equal(result.failed, expected_failed, "the failed operation");
  expect_equal(result.results.size(), real.size(), "the number of results");
  if (!expected_failed) {
    for (std::size_t i = 0; i < expected.size(); ++i) {
      doing_ += "; result " + std::to_string(i);
      compare_result(result.results[i], expected[i]);
    }
    return;
  }
  // Its operations before the failed one have revisions that were never given.
  expect_equal(static_cast<int>(result.results[*result.failed].status),
               static_cast<int>(WriteStatus::unmet), "the failed operation's status");
}

void RandomRun::read() {
  const Place place = inputs_.place();
  const Namespace ns(place.first);
  doing_ = "read " + place_text(ns, place.second);
  const auto expected = model_.get(place, now());
  switch (draw(5)) {
    case 0: {
      expect_equal(store_.exists(ns, place.second), expected.has_value(), "existence");
      return;
    }
    case 1: {
      const auto value = store_.get(ns, place.second);
      expect_equal(value.has_value(), expected.has_value(), "existence");
      if (value) expect_equal(value->json_text(), expected->value.json_text(), "the value");
      return;
    }
    case 2: {  // A read that refreshes the deadline.
      doing_ += " with refresh";
      const Ttl ttl(std::chrono::milliseconds(1 + draw(40)));
      WriteBatch touch;
      touch.touch(ns, place.second, ttl);
      std::vector<WriteResult> results;
      model_.write(touch.ops(), results, now());
      compare_entry(store_.get_entry(ns, place.second, {.refresh_ttl = ttl}),
                    model_.get(place, now()));
      return;
    }
    case 3: {
      if (!chance(3)) return;
      doing_ += " by take";
      WriteBatch erase;
      erase.erase(ns, place.second);
      std::vector<WriteResult> results;
      model_.write(erase.ops(), results, now());
      compare_entry(store_.take(ns, place.second), expected);
      return;
    }
    default:
      compare_entry(store_.get_entry(ns, place.second), expected);
  }
}

void RandomRun::increment() {
  const Place place = inputs_.place();
  const Namespace ns(place.first);
  doing_ = "increment " + place_text(ns, place.second);
  const std::int64_t delta = inputs_.delta();
  WriteBatch batch;
  batch.increment(ns, place.second, delta);
  std::vector<WriteResult> expected;
  std::int64_t number = 0;
  const bool returned = both([&] { number = store_.increment(ns, place.second, delta); },
                             [&] { model_.write(batch.ops(), expected, now()); });
  if (returned) expect_equal(number, expected.front().number, "the number");
}

void RandomRun::touch() {
  const Place place = inputs_.place();
  const Namespace ns(place.first);
  doing_ = "touch " + place_text(ns, place.second);
  const std::optional<Ttl> ttl = inputs_.ttl();
  WriteBatch batch;
  batch.touch(ns, place.second, ttl);
  std::vector<WriteResult> expected;
  model_.write(batch.ops(), expected, now());
  expect_equal(store_.touch(ns, place.second, ttl), expected.front().applied(), "being there");
}

void RandomRun::update() {
  const Place place = inputs_.place();
  const Namespace ns(place.first);
  doing_ = "update " + place_text(ns, place.second);
  const std::optional<MemoryValue> next = chance(4) ? std::nullopt : std::optional(inputs_.value());
  const auto before = model_.get(place, now());
  WriteBatch batch;
  if (next) {
    batch.set(ns, place.second, *next, {.keep_ttl = true});
  } else {
    batch.erase(ns, place.second);
  }
  std::vector<WriteResult> expected;
  model_.write(batch.ops(), expected, now());
  const WriteResult result = store_.update(ns, place.second, [&](const Record* current) {
    expect_equal(current != nullptr, before.has_value(), "what the updater is given");
    if (current != nullptr) compare_record(*current, *before);
    return next;
  });
  compare_result(result, expected.front());
}

void RandomRun::transaction() {
  doing_ = "transaction";
  struct RollBack {};
  const bool rolls_back = chance(4);
  ReferenceModel copy = model_;  // Becomes the model when the transaction commits.
  const auto write_to_copy = [&](const WriteBatch& batch) {
    std::vector<WriteResult> results;
    copy.write(batch.ops(), results, now());
    return results.front();
  };
  const auto body = [&](Transaction& transaction) {
    for (std::size_t i = 1 + draw(5); i > 0; --i) {
      const Place place = inputs_.place();
      const Namespace ns(place.first);
      const auto seen = copy.get(place, now());
      const auto value = transaction.get(ns, place.second);
      expect_equal(value.has_value(), seen.has_value(), "what the transaction sees");
      if (value) expect_equal(value->json_text(), seen->value.json_text(), "the value it sees");
      WriteBatch batch;
      const MemoryValue next = inputs_.value();
      switch (draw(5)) {
        case 0: {
          const std::optional<Ttl> ttl = inputs_.ttl();
          transaction.set(ns, place.second, next, ttl);
          write_to_copy(batch.set(ns, place.second, next, {.ttl = ttl}));
          break;
        }
        case 1:
          transaction.replace(ns, place.second, next);
          write_to_copy(batch.set(ns, place.second, next, {.keep_ttl = true}));
          break;
        case 2: {
          const bool erased = transaction.erase(ns, place.second);
          expect_equal(erased, write_to_copy(batch.erase(ns, place.second)).applied(), "erasing");
          break;
        }
        case 3:
          if (value && !is_small_number(*value)) break;
          expect_equal(transaction.increment(ns, place.second, 1),
                       write_to_copy(batch.increment(ns, place.second, 1)).number, "counting");
          break;
        default:
          break;
      }
    }
    if (rolls_back) throw RollBack();
  };
  try {
    store_.transaction(body);
    if (rolls_back) throw Difference{"an exception did not reach the caller"};
    model_.commit(std::move(copy), now());
  } catch (const RollBack&) {
    doing_ += " rolled back";
  }
}

void RandomRun::get_many() {
  doing_ = "get_many";
  const std::vector<Address> addresses = inputs_.addresses();
  std::vector<std::optional<Record>> expected;
  for (const Address& address : addresses) {
    expected.push_back(model_.get({std::string(address.ns.text()), address.key}, now()));
  }
  const auto entries = store_.get_many(addresses);
  expect_equal(entries.size(), expected.size(), "the number of answers");
  for (std::size_t i = 0; i < entries.size(); ++i) compare_entry(entries[i], expected[i]);
}

void RandomRun::query() {
  RandomFilter filter;
  MemoryQuery query = inputs_.query(now(), filter);
  doing_ = "query below " + std::string(query.scope.ns.text()) + ", filter " +
           std::string(query.filter.to_value().json_text()) + ", pattern " +
           query.key_pattern.text();
  const std::vector<Entry> expected = model_.query(
      query, [&](const MemoryValue& value) { return filter.is_met_by(value); }, now());
  std::size_t at = 0;
  do {
    const Page page = store_.query(query);
    expect_equal(page.entries.size(), std::min(query.limit, expected.size() - at),
                 "the number of entries of a page");
    for (const Entry& entry : page.entries) {
      expect_equal(place_text(entry.ns, entry.key), place_text(expected[at].ns, expected[at].key),
                   "the entry in this place");
      compare_record(entry, expected[at]);
      ++at;
    }
    expect_equal(page.cursor.empty(), at == expected.size(), "being the last page");
    query.cursor = page.cursor;
  } while (!query.cursor.empty());
}

void RandomRun::top() {
  doing_ = "top";
  MemoryQuery query = query_of(inputs_.scope());
  query.top = TopBy{"n", static_cast<Direction>(draw(2))};
  const auto numbered = [](const MemoryValue& value) {
    const auto number = value.find("n");
    return number && (number->kind() == ValueKind::int64 || number->kind() == ValueKind::float64);
  };
  query.filter = Filter::where("n", Filter::Operator::gt, -1e9);  // Numbers alone.
  std::vector<Entry> expected = model_.query(query, numbered, now());
  std::ranges::sort(expected, {}, &Entry::created_revision);
  const auto number = [](const Entry& entry) {
    const MemoryValue value = *entry.value.find("n");
    return value.kind() == ValueKind::float64 ? value.get<double>()
                                              : static_cast<double>(value.get<std::int64_t>());
  };
  std::ranges::stable_sort(expected, [&](const Entry& a, const Entry& b) {
    return query.top->direction == Direction::ascending ? number(a) < number(b)
                                                        : number(a) > number(b);
  });
  expected.resize(std::min<std::size_t>(expected.size(), 4));
  query.limit = 4;
  const Page page = store_.query(query);
  expect_equal(places_of(page.entries), places_of(expected), "the top");
}

void RandomRun::count() {
  RandomFilter filter;
  const MemoryQuery query = inputs_.query(now(), filter);
  doing_ = "count below " + std::string(query.scope.ns.text()) + ", filter " +
           std::string(query.filter.to_value().json_text());
  const auto meets = [&](const MemoryValue& value) { return filter.is_met_by(value); };
  expect_equal(store_.count(query), model_.query(query, meets, now()).size(), "the count");
  const MemoryQuery whole = query_of(query.scope);
  const auto all = [](const MemoryValue&) { return true; };
  expect_equal(store_.count(query.scope), model_.query(whole, all, now()).size(),
               "the count of the scope");
}

void RandomRun::clear() {
  const Scope scope = inputs_.scope();
  doing_ = "clear " + std::string(scope.ns.text());
  expect_equal(store_.clear(scope), model_.clear(scope, now()), "the number of entries that went");
}

void RandomRun::namespaces() {
  doing_ = "list_namespaces";
  const NamespaceQuery query = inputs_.namespace_query();
  std::set<std::string> expected;
  for (const std::string& ns : model_.namespaces(now())) {
    const Namespace whole(ns);
    expected.emplace(query.max_depth ? whole.truncated_to(*query.max_depth).text() : whole.text());
  }
  expect_equal(listed(store_, query), std::vector<std::string>(expected.begin(), expected.end()),
               "the namespaces");
}

void RandomRun::stats() {
  doing_ = "stats";
  const MemoryStats stats = store_.stats();
  expect_equal(stats.entries, model_.live_entries(now()), "the number of entries");
  expect_equal(stats.bytes, model_.live_bytes(now()), "the number of bytes");
  expect_equal(stats.namespaces, model_.namespaces(now()).size(), "the number of namespaces");
  expect_equal(stats.last_revision >= revisions_.greatest_real(), true, "last_revision reaching");
  expect_equal(store_.stable_revision() >= revisions_.greatest_real(), true, "being stable");
}

void RandomRun::changes() {
  doing_ = "changes";
  const bool logs_removals = store_.capabilities().change_log;
  ReferenceModel::Touched touched = model_.take_touched();
  Revision last = followed_;
  for (bool more = true; more;) {
    const ChangePage page = store_.changes(followed_, 1 + draw(20));
    for (const Change& change : page.changes) {
      doing_ = "change of " + place_text(change.address.ns, change.address.key);
      expect_equal(change.revision > last, true, "being in order");
      last = change.revision;
      const Place place{std::string(change.address.ns.text()), change.address.key};
      const auto live = model_.get(place, now());
      if (change.record) {
        if (!live) throw Difference{"reports an entry that is not there"};
        expect_equal(touched.places.erase(place), 1U, "having been written");
        compare_record(*change.record, *live);
        compare_revision(change.revision, live->revision);
      } else {
        expect_equal(logs_removals, true, "logging removals");
        if (live) throw Difference{"reports the removal of an entry that is there"};
        touched.places.erase(place);
      }
    }
    followed_ = page.next_after;
    more = page.more;
  }
  for (const auto& [place, was_removed] : touched.places) {
    const bool must_report = model_.get(place, now()).has_value() || (was_removed && logs_removals);
    if (must_report) throw Difference{"left out " + place.first + ":" + place.second};
  }
}

void RandomRun::restore() {
  if (!backend_.capabilities.restore || !chance(3)) return;
  doing_ = "restore";
  const std::vector<Entry> entries = inputs_.entries_to_restore(now());
  store_.restore(entries, RestoreRevisions::assign);
  model_.restore(entries, now());
}

void RandomRun::sweep() {
  doing_ = "sweep";
  const std::size_t most = draw(10);
  const std::size_t swept = store_.sweep(most);
  expect_equal(swept <= std::min(most, model_.expired_entries(now())), true, "sweeping no more");
}

void RandomRun::move_clock() { clock_->advance(std::chrono::milliseconds(draw(10))); }

void RandomRun::reopen() {
  doing_ = "reopen";
  store_.close();
  store_ = Memory(backend_.open(request_));
  stats();
}

}  // namespace holdfast::conformance
