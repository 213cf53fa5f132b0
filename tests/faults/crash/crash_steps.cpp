#include "crash_steps.hpp"

#include <algorithm>
#include <array>
#include <random>
#include <span>
#include <utility>

#include "../../differential/awkward.hpp"
#include "../../differential/random_steps.hpp"
#include "holdfast/open.hpp"

namespace holdfast::fault_tests {
namespace {

using conformance::below_bound;

// One in so many steps is none of the random ones that all stores are compared by.
constexpr std::size_t one_in_extra = 4;
constexpr const char* embedding_model = "crash";

// A namespace below `below`.
Namespace in(const std::string& below, const std::string& name) {
  return Namespace(below.empty() ? name : below + "/" + name);
}

MemoryValue said(const std::string& text) { return MemoryValue::map({{"text", text}}); }

SearchConfig search_config(int weight, bool embedded) {
  SearchConfig config = SearchConfig::texts({"text"});
  config.fields.front().weight = weight;
  if (embedded) config.embedding = SearchEmbedding{embedding_model, 3};
  return config;
}

// Vectors for the first of those that are awaited.
void keep_vectors(Memory& memory, const Namespace& ns) {
  std::vector<Entry> awaited = memory.without_vector(ns, 1000);
  std::ranges::sort(awaited, {}, &Entry::key);
  if (awaited.size() > 2) awaited.resize(2);
  std::vector<EntryVector> vectors;
  for (const Entry& entry : awaited) {
    const auto length = static_cast<float>(entry.value.json_text().size() % 17);
    vectors.push_back({{entry.ns, entry.key},
                       entry.revision,
                       {1.0F, length, static_cast<float>(entry.key.size() % 5)},
                       embedding_model});
  }
  memory.put_vectors(vectors);
}

// One of each kind of step, one of them left out, and a note.
void restore_with_note(Player& player, Answer& answer, const Namespace& ns, int number) {
  Memory& memory = player.memory();
  const Timestamp now = memory.now();
  Record record;
  record.value = said("restored by the river " + std::to_string(number));
  record.created_at = record.updated_at = now;
  const auto address = [&](std::string_view key) { return AddressView{ns.text(), key}; };
  const std::array ops{
      RestoreOp{.kind = RestoreOp::Kind::put,
                .address = address("put"),
                .record = &record,
                .created_rank = 0,
                .rank = 1},
      RestoreOp{.kind = RestoreOp::Kind::replace,
                .address = address("1"),
                .record = &record,
                .created_rank = 2,
                .rank = 3},
      RestoreOp{
          .kind = RestoreOp::Kind::erase, .address = address("2"), .created_rank = 4, .rank = 4},
      RestoreOp{.kind = RestoreOp::Kind::replace,
                .address = address("3"),
                .record = &record,
                .precondition = Precondition::if_present(),
                .created_rank = 5,
                .rank = 6}};
  const Note note{note_name, "after " + std::to_string(number)};
  RestoreBatch batch;
  batch.ops = ops;
  batch.ranks = 7;
  batch.note = &note;
  for (const RestoreStatus status : memory.restore(batch)) {
    answer.add("status", static_cast<int>(status));
  }
}

// Many entries in several namespaces, some of them long.
void write_large_batch(Player& player, Answer& answer, const std::string& below) {
  WriteBatch batch;
  for (int i = 0; i < 60; ++i) {
    const Namespace ns = in(below, i % 3 == 0 ? "talk/a" : i % 3 == 1 ? "large" : "large/b");
    const std::string text = i % 10 == 0 ? std::string(9000, 'l') : "a red car";
    batch.set(ns, "batch" + std::to_string(i), said(text));
  }
  batch.erase(in(below, "talk"), "1").increment(in(below, "large"), "n", 7);
  answer.add("applied", player.memory().write(batch).applied);
}

void transact(Player& player, Answer& answer, const std::string& below) {
  player.memory().transaction([&](Transaction& transaction) {
    for (int i = 0; i < 8; ++i) {
      const Namespace ns = in(below, i % 2 == 0 ? "talk" : "other");
      answer.add("exists", transaction.exists(ns, std::to_string(i)));
      transaction.set(ns, std::to_string(i), said("a red bicycle " + std::to_string(i)));
    }
    transaction.erase(in(below, "talk"), "3");
    transaction.increment(in(below, "other"), "n", 3);
  });
}

void restore_many(Player& player, const std::string& below) {
  const Timestamp now = player.memory().now();
  std::vector<Entry> entries;
  for (int i = 0; i < 80; ++i) {
    Entry entry;
    entry.ns = in(below, i % 2 == 0 ? "talk/b" : "moved");
    entry.key = "restored" + std::to_string(i);
    entry.value = said("a car by the river");
    entry.created_at = entry.updated_at = now;
    if (i % 4 == 0) entry.expires_at = now + std::chrono::hours(1);
    entries.push_back(std::move(entry));
  }
  player.memory().restore(entries, RestoreRevisions::assign);
}

// Upkeep that only a store in files offers, and that changes nothing of what is seen.
void keep_house(Player& player, const std::string& name, const std::string& backup) {
  if (!player.memory().capabilities().maintenance) return;
  Maintenance& maintenance = player.memory().maintenance();
  if (name == "checkpoint") maintenance.checkpoint({});
  if (name == "compact") maintenance.compact({});
  if (name == "backup") maintenance.backup(backup, {}, {});
}

void perform(const std::string& name, const std::string& below, const std::string& backup,
             Player& player, Answer& answer) {
  Memory& memory = player.memory();
  if (name == "erase_subject") memory.erase_subject(in(below, "talk/a"));
  if (name == "sweep") memory.sweep();
  if (name == "configure_search") {
    memory.configure_search(in(below, "talk"), search_config(777, true));
  }
  if (name == "remove_search") memory.remove_search(in(below, "talk"));
  if (name == "reindex") memory.reindex(in(below, "talk"));
  if (name == "clear") memory.clear({in(below, "talk"), true});
  if (name == "restore") restore_many(player, below);
  if (name == "restore_batch") restore_with_note(player, answer, in(below, "talk"), 0);
  if (name == "batch") write_large_batch(player, answer, below);
  if (name == "transaction") transact(player, answer, below);
  if (name == "keep_vectors") keep_vectors(memory, in(below, "talk"));
  keep_house(player, name, backup);
}

Step operation(const std::string& name, const std::string& below, const std::string& backup) {
  Step step{name,
            [=](Player& player, Answer& answer) { perform(name, below, backup, player, answer); }};
  if (name == "sweep") step.clock_moves = std::chrono::hours(2);  // So that much has expired.
  return step;
}

class ScriptWriter {
 public:
  explicit ScriptWriter(const Script& script)
      : together_(script.name == "together"),
        below_(together_ ? std::string(own_namespace(script.process).text()) : std::string()),
        // Processes play different steps.
        random_(script.seed * 31 + static_cast<std::uint64_t>(script.process)),
        steps_{random_(), ManualClock().now(), pool()} {}

  Step next() {
    ++number_;
    if (number_ == 1) return configure(true);
    if (below_bound(random_, one_in_extra) == 0) return extra();
    while (true) {
      Step step = steps_.next();
      // It makes two writes, so that it can be half done.
      if (step.text.ends_with("which is too late")) continue;
      return step;
    }
  }

  [[nodiscard]] const std::string& below() const noexcept { return below_; }

 private:
  conformance::InputPool pool() {
    conformance::InputPool pool = differential::awkward_pool(random_());
    for (std::string& ns : pool.namespaces) {
      if (!below_.empty()) ns = ns.empty() ? below_ : below_ + "/" + ns;
    }
    return pool;
  }

  Namespace talk() {
    constexpr std::array names{"talk", "talk", "talk/a", "talk/b"};
    return in(below_, names.at(below_bound(random_, names.size())));
  }

  Step extra() {
    if (together_ && below_bound(random_, 2) == 0) return count();
    constexpr std::array house{"checkpoint", "compact",     "erase_subject", "remove_search",
                               "reindex",    "transaction", "batch"};
    switch (below_bound(random_, 16)) {
      case 0:
        return configure(below_bound(random_, 3) > 0);
      case 1:
      case 2:
        return operation(house.at(below_bound(random_, house.size())), below_, "");
      case 3:
      case 4:
        return restore();
      case 5:
      case 6:
      case 7:
        return operation("keep_vectors", below_, "");
      default:
        return say();
    }
  }

  Step configure(bool embedded) {
    const int weight = 100 + static_cast<int>(below_bound(random_, 3));
    const Namespace ns = below_bound(random_, 4) == 0 ? in(below_, "a") : in(below_, "talk");
    return {"configure_search " + std::string(ns.text()), [=](Player& player, Answer&) {
              player.memory().configure_search(ns, search_config(weight, embedded));
            }};
  }

  Step say() {
    const Namespace ns = talk();
    const std::string key = std::to_string(below_bound(random_, 12));
    std::string text = "a";
    for (int i = 0; i < 3; ++i) text += std::string(" ") + searched_words[below_bound(random_, 4)];
    return {"say " + std::string(ns.text()) + ":" + key, [=](Player& player, Answer& answer) {
              answer.add_result("result", player.memory().set(ns, key, said(text)));
            }};
  }

  Step restore() {
    const Namespace ns = talk();
    // A note belongs to the whole store: where several processes write, none of them has one.
    if (together_) return operation("restore", below_, "");
    return {"restore with a note", [ns, number = number_](Player& player, Answer& answer) {
              restore_with_note(player, answer, ns, number);
            }};
  }

  // Counts in the namespace of all and in its own, in one step.
  Step count() {
    const std::string key = "n" + std::to_string(below_bound(random_, shared_counters));
    const auto by = static_cast<std::int64_t>(1 + below_bound(random_, 5));
    const Namespace own = in(below_, "counters");
    if (below_bound(random_, 2) == 0) {
      return {"count in a batch", [=](Player& player, Answer& answer) {
                WriteBatch batch;
                batch.increment(own, key, by).increment(shared_namespace, key, by);
                answer.add_revision("revision", player.memory().write(batch).results[0].revision);
              }};
    }
    return {"count in a transaction", [=](Player& player, Answer&) {
              player.memory().transaction([&](Transaction& transaction) {
                transaction.increment(shared_namespace, key, by);
                transaction.increment(own, key, by);
              });
            }};
  }

  const bool together_;
  const std::string below_;
  std::mt19937_64 random_;
  differential::RandomSteps steps_;
  int number_ = 0;
};

}  // namespace

const std::vector<std::string>& operation_names() {
  static const std::vector<std::string> names{
      "nothing", "checkpoint",  "compact",       "backup",       "erase_subject",
      "sweep",   "clear",       "restore",       "batch",        "configure_search",
      "reindex", "transaction", "remove_search", "keep_vectors", "restore_batch"};
  return names;
}

Namespace own_namespace(int process) { return "process" + std::to_string(process); }

std::vector<ScriptedStep> steps_of(const Script& script, std::size_t count) {
  ScriptWriter writer(script);
  const bool random = script.name == "alone" || script.name == "together";
  Timestamp now = ManualClock().now();
  std::vector<ScriptedStep> steps;
  while (steps.size() < count) {
    Step step = random || steps.size() < steps_before_operation
                    ? writer.next()
                    : operation(script.name, writer.below(), script.backup);
    // The clock of one process is not that of another: none of them moves it.
    if (script.name != "together") now += step.clock_moves;
    steps.push_back({std::move(step), now});
  }
  return steps;
}

differential::StoreUnderTest store_at(const std::string& url) {
  return {url, [url](const differential::StoreRequest& request) {
            return built_in_backends().open_backend(url, {.clock = request.clock});
          }};
}

}  // namespace holdfast::fault_tests
