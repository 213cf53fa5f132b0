#include "process_model.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace holdfast::fault_tests {
namespace {

void see_entries(Memory& memory, Answer& answer, const Scope& scope) {
  std::vector<Address> addresses;
  constexpr std::array pages{std::pair(OrderBy::key, 10'000U), std::pair(OrderBy::created, 13U),
                             std::pair(OrderBy::updated, 7U)};
  for (const auto& [order, limit] : pages) {
    MemoryQuery query{.scope = scope};
    query.order = order;
    query.limit = limit;
    query.keys_only = order != OrderBy::key;
    do {
      const Page page = memory.query(query);
      for (const Entry& entry : page.entries) {
        answer.add_entry("entry in order " + std::to_string(static_cast<int>(order)), entry);
        if (order == OrderBy::key) addresses.emplace_back(entry.ns, entry.key);
      }
      query.cursor = page.cursor;
    } while (!query.cursor.empty());
  }
  answer.add("count", memory.count(scope));
  const auto entries = memory.get_many(addresses);
  for (std::size_t i = 0; i < addresses.size(); ++i) answer.add_entry("get_many", entries[i]);
}

void see_namespaces(Memory& memory, Answer& answer, const Scope& scope) {
  NamespaceQuery query;
  do {
    const NamespacePage page = memory.list_namespaces(query);
    for (const Namespace& ns : page.namespaces) {
      if (!scope.contains(ns.text())) continue;
      answer.add("namespace",
                 std::string(ns.text()) + " counts " + std::to_string(memory.count(Scope(ns))));
    }
    query.cursor = page.cursor;
  } while (!query.cursor.empty());
}

void add_hits(Answer& answer, const std::string& what, const SearchPage& page) {
  for (const SearchHit& hit : page.hits) {
    answer.add_entry(what, hit.entry);
    answer.add("score", std::to_string(hit.score));
  }
}

void see_searches(Memory& memory, Answer& answer, const Scope& scope) {
  if (!memory.capabilities().search) return;
  for (const SearchConfiguration& each : memory.search_configurations()) {
    if (!scope.contains(each.ns.text())) continue;
    answer.add("configuration of " + std::string(each.ns.text()),
               std::string(each.config.to_value().json_text()));
    answer.add("needs_reindex", each.needs_reindex);
    const Scope governed(each.ns, true);
    for (const char* word : searched_words) {
      SearchQuery query{.scope = governed, .text = word};
      query.limit = SearchQuery::max_limit;
      add_hits(answer, std::string("hit of ") + word, memory.search(query));
    }
    if (!each.config.embedding) continue;
    VectorQuery query{.scope = governed, .vector = {1.0F, 2.0F, 3.0F}};
    query.limit = VectorQuery::max_limit;
    add_hits(answer, "nearest", memory.nearest(query));
    std::vector<Entry> awaited = memory.without_vector(governed, 10'000);
    std::ranges::sort(awaited, {}, [](const Entry& entry) {
      return std::pair(std::string(entry.ns.text()), entry.key);
    });
    for (const Entry& entry : awaited) answer.add_entry("awaits a vector", entry);
  }
}

void see_changes(Memory& memory, Answer& answer) {
  // Afterwards all that has expired is reclaimed, and its removal told.
  while (memory.sweep() > 0) continue;
  std::vector<std::string> removed;
  Revision after = 0;
  for (bool more = true; more;) {
    const ChangePage page = memory.changes(after, 100);
    for (const Change& change : page.changes) {
      const std::string place = std::string(change.address.ns.text()) + ":" + change.address.key;
      if (change.revision <= after) answer.add("changes", "are out of order at " + place);
      if (!change.record) {
        removed.push_back(place);  // At which revision is each store's own affair.
        continue;
      }
      answer.add("changed", place);
      answer.add_record("change", *change.record);
    }
    after = page.next_after;
    more = page.more;
  }
  std::ranges::sort(removed);
  for (std::string& place : removed) answer.add("removed", std::move(place));
}

void see_store(Memory& memory, Answer& answer, bool change_log) {
  const MemoryStats stats = memory.stats();
  answer.add("entries", stats.entries);
  answer.add("bytes", stats.bytes);
  answer.add("namespaces", stats.namespaces);
  answer.add("note", memory.note(note_name).value_or("none"));
  if (change_log) see_changes(memory, answer);
}

// Where the answer depends on what this handle did before.
bool goes_by_its_handle(const Step& step) {
  return step.text.starts_with("changes") || step.text.find("walk") != std::string::npos;
}

}  // namespace

Step see(const Scope& scope, bool change_log) {
  return {"see everything", [scope, change_log](Player& player, Answer& answer) {
            Memory& memory = player.memory();
            see_entries(memory, answer, scope);
            see_namespaces(memory, answer, scope);
            see_searches(memory, answer, scope);
            if (scope.ns.text().empty()) see_store(memory, answer, change_log);
          }};
}

namespace {

differential::StoreRequest request_for(const std::shared_ptr<ManualClock>& clock, bool change_log,
                                       const std::string& folder) {
  differential::StoreRequest request;
  request.clock = clock;
  request.change_log = change_log;
  request.folder = folder + "/model";
  request.max_value_bytes = differential::max_value_bytes_here;
  return request;
}

}  // namespace

ProcessModel::ProcessModel(const Script& script, std::size_t steps, bool change_log,
                           const std::string& folder)
    : steps_(steps_of(script, steps)),
      scope_(script.name == "together" ? own_namespace(script.process) : Namespace(), true),
      change_log_(change_log),
      player_(store_, request_for(clock_, change_log, folder)) {}

const std::string& ProcessModel::step_text(std::size_t step) const {
  static const std::string none = "no step";
  return step < steps_.size() ? steps_[step].step.text : none;
}

std::optional<std::string> ProcessModel::play(std::size_t number, Revision acknowledged) {
  const ScriptedStep& scripted = steps_.at(number);
  clock_->set(scripted.now);
  const Answer answer = player_.answer(scripted.step);
  next_ = number + 1;
  const Revision expected = answer.greatest_revision();
  if (expected == 0 || acknowledged == 0 || goes_by_its_handle(scripted.step) ||
      pairs_.agree(expected, acknowledged)) {
    return std::nullopt;
  }
  return "step " + std::to_string(number) + ", " + differential::abridged(scripted.step.text) +
         ", was acknowledged with revision " + std::to_string(acknowledged) +
         ", which does not lie where it should among those before";
}

std::optional<std::string> ProcessModel::follow(const Told& told) {
  for (const auto& [step, revision] : told.acknowledged) {
    if (step != next_) return "step " + std::to_string(next_) + " was left out";
    if (auto problem = play(step, revision)) return problem;
  }
  in_doubt_ = told.in_doubt;
  if (in_doubt_ && *in_doubt_ != next_) return "step " + std::to_string(next_) + " was left out";
  if (in_doubt_) clock_->set(steps_.at(*in_doubt_).now);
  return std::nullopt;
}

std::optional<std::string> ProcessModel::difference(const Answer& expected, const Answer& real) {
  // What does not fit leaves no pairs behind.
  conformance::RevisionPairs pairs = pairs_;
  const auto difference = expected.first_difference(real, pairs);
  if (!difference) {
    pairs_ = pairs;
    return std::nullopt;
  }
  return "\n  expected " + difference->reference + "\n  found " + difference->other;
}

std::optional<std::string> ProcessModel::explain(Player& store) {
  const Step seeing = see(scope_, change_log_);
  const Answer real = store.answer(seeing);
  const auto without = difference(player_.answer(seeing), real);
  if (!without) {
    in_doubt_.reset();
    return std::nullopt;
  }
  std::string problem = "before step " + std::to_string(next_) + *without;
  if (!in_doubt_) return problem;
  const std::size_t doubtful = *in_doubt_;
  in_doubt_.reset();
  if (auto odd = play(doubtful, 0)) return odd;
  const auto with = difference(player_.answer(seeing), real);
  if (!with) return std::nullopt;
  return problem + "\nwith step " + std::to_string(doubtful) + ", " +
         differential::abridged(step_text(doubtful)) + *with;
}

}  // namespace holdfast::fault_tests
