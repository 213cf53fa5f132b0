// Steps that write.
#include <span>
#include <utility>

#include "random_steps.hpp"

namespace holdfast::differential {
namespace {

using conformance::DrawnPrecondition;
using conformance::RandomInputs;
using conformance::RandomOp;

std::string text_of(const std::optional<Ttl>& ttl) {
  return ttl ? " ttl " + std::to_string(ttl->milliseconds().count()) : "";
}

std::string described(const RandomOp& op) {
  std::string text = op.text();
  if (op.kind == WriteOp::Kind::set) text += " = " + printable(op.value.json_text().substr(0, 200));
  if (op.kind == WriteOp::Kind::increment) text += " by " + std::to_string(op.delta);
  if (op.drawn == DrawnPrecondition::if_absent) text += " if absent";
  if (op.drawn == DrawnPrecondition::if_present) text += " if present";
  if (op.drawn == DrawnPrecondition::if_current) text += " if unchanged";
  if (op.drawn == DrawnPrecondition::if_never) text += " if of a revision never given";
  if (op.keep_ttl) text += " keeping the deadline";
  if (op.return_previous) text += " returning the previous";
  if (op.on_unmet == OnUnmet::skip) text += " or skip";
  return text + text_of(op.ttl);
}

void add_batch_result(Answer& answer, const BatchResult& result) {
  answer.add("applied", result.applied);
  answer.add("failed", result.failed ? std::to_string(*result.failed) : "none");
  answer.add("results", result.results.size());
  for (std::size_t i = 0; i < result.results.size(); ++i) {
    const std::string what = "results[" + std::to_string(i) + "]";
    if (result.applied) {
      answer.add_result(what, result.results[i]);
    } else if (i == result.failed) {
      // The revision that lies there may be of an operation before it, which was never given.
      answer.add(what + ".is unmet", result.results[i].status == WriteStatus::unmet);
    }
  }
}

// What a transaction does at one place.
struct Act {
  enum class Kind { look, set, replace, erase, increment } kind = Kind::look;
  RandomInputs::Place place{};
  MemoryValue value{};
  std::optional<Ttl> ttl{};
};

struct RollBack {};

void perform(const Act& act, Transaction& transaction, Answer& answer) {
  const Namespace ns(act.place.first);
  const std::string& key = act.place.second;
  const auto seen = transaction.get(ns, key);
  answer.add_value("sees", seen.value_or(MemoryValue("nothing")));
  switch (act.kind) {
    case Act::Kind::look:
      return answer.add("exists", transaction.exists(ns, key));
    case Act::Kind::set:
      return transaction.set(ns, key, act.value, act.ttl);
    case Act::Kind::replace:
      return transaction.replace(ns, key, act.value);
    case Act::Kind::erase:
      return answer.add("erased", transaction.erase(ns, key));
    case Act::Kind::increment:
      return answer.add("number", transaction.increment(ns, key, 1));
  }
}

}  // namespace

Step RandomSteps::single() {
  const RandomOp op = inputs_.op(true);
  return {described(op), [op](Player& player, Answer& answer) {
            const Namespace ns(op.place.first);
            const Precondition precondition = player.precondition(op);
            if (op.kind == WriteOp::Kind::set) {
              const SetOptions options{precondition, op.ttl, op.keep_ttl, op.return_previous};
              answer.add_result("result",
                                player.memory().set(ns, op.place.second, op.value, options));
            } else {
              const EraseOptions options{precondition, op.return_previous};
              answer.add_result("result", player.memory().erase(ns, op.place.second, options));
            }
          }};
}

Step RandomSteps::increment() {
  const auto [ns, key] = inputs_.place();
  const std::int64_t delta = inputs_.delta();
  return {"increment " + ns + ":" + key + " by " + std::to_string(delta),
          [ns, key, delta](Player& player, Answer& answer) {
            answer.add("number", player.memory().increment(ns, key, delta));
          }};
}

Step RandomSteps::touch() {
  const auto [ns, key] = inputs_.place();
  const std::optional<Ttl> ttl = inputs_.ttl();
  return {"touch " + ns + ":" + key + text_of(ttl), [ns, key, ttl](Player& player, Answer& answer) {
            answer.add("was there", player.memory().touch(ns, key, ttl));
          }};
}

Step RandomSteps::update() {
  const auto [ns, key] = inputs_.place();
  const std::optional<MemoryValue> next =
      inputs_.chance(4) ? std::nullopt : std::optional(inputs_.value());
  return {"update " + ns + ":" + key, [ns, key, next](Player& player, Answer& answer) {
            const auto updater = [&](const Record* current) {
              answer.add("is given a record", current != nullptr);
              if (current != nullptr) answer.add_record("given", *current);
              return next;
            };
            answer.add_result("result", player.memory().update(ns, key, updater));
          }};
}

Step RandomSteps::batch() {
  std::vector<RandomOp> ops;
  std::string text = "batch of";
  for (std::size_t i = 1 + inputs_.draw(6); i > 0; --i) {
    ops.push_back(inputs_.op(false));
    // So that one address often stands twice.
    if (ops.size() > 1 && inputs_.chance(3)) ops.back().place = ops.front().place;
    text += "; " + described(ops.back());
  }
  return {text, [ops](Player& player, Answer& answer) {
            WriteBatch batch;
            for (const RandomOp& op : ops) op.add_to(batch, player.precondition(op));
            const BatchResult result = player.memory().write(batch);
            add_batch_result(answer, result);
          }};
}

std::vector<std::string> RandomSteps::keys() {
  std::vector<std::string> keys;
  for (std::size_t i = inputs_.draw(5); i > 0; --i) keys.push_back(inputs_.key());
  return keys;
}

Step RandomSteps::set_many() {
  const Namespace ns = inputs_.ns();
  const SetOptions options{{}, inputs_.ttl()};
  std::vector<std::pair<std::string, MemoryValue>> pairs;
  for (std::string& key : keys()) pairs.emplace_back(std::move(key), inputs_.value());
  return {"set_many of " + std::to_string(pairs.size()) + " in '" + std::string(ns.text()) + "'",
          [ns, options, pairs](Player& player, Answer& answer) {
            player.memory().set_many(ns, pairs, options);
            answer.add("set_many", "returned");
          }};
}

Step RandomSteps::erase_many() {
  const Namespace ns = inputs_.ns();
  return {"erase_many in '" + std::string(ns.text()) + "'",
          [ns, keys = keys()](Player& player, Answer& answer) {
            answer.add("erased", player.memory().erase_many(ns, keys));
          }};
}

Step RandomSteps::transaction() {
  std::vector<Act> acts;
  std::string text = "transaction";
  for (std::size_t i = 1 + inputs_.draw(5); i > 0; --i) {
    acts.push_back(
        {static_cast<Act::Kind>(inputs_.draw(5)), inputs_.place(), inputs_.value(), inputs_.ttl()});
    text += "; act " + std::to_string(static_cast<int>(acts.back().kind)) + " at " +
            acts.back().place.first + ":" + acts.back().place.second;
  }
  const bool rolls_back = inputs_.chance(4);
  if (rolls_back) text += "; roll back";
  return {text, [acts, rolls_back](Player& player, Answer& answer) {
            try {
              player.memory().transaction([&](Transaction& transaction) {
                for (const Act& act : acts) differential::perform(act, transaction, answer);
                if (rolls_back) throw RollBack();
              });
              answer.add("transaction", "committed");
            } catch (const RollBack&) {
              answer.add("transaction", "rolled back");
            }
          }};
}

Step RandomSteps::clear() {
  const Scope scope = inputs_.scope();
  return {
      std::string(scope.subtree ? "clear below '" : "clear '") + std::string(scope.ns.text()) + "'",
      [scope](Player& player, Answer& answer) {
        answer.add("went", player.memory().clear(scope));
      }};
}

Step RandomSteps::restore() {
  const std::vector<Entry> entries = inputs_.entries_to_restore(now_);
  return {"restore " + std::to_string(entries.size()) + " entries",
          [entries](Player& player, Answer& answer) {
            player.memory().restore(entries, RestoreRevisions::assign);
            answer.add("restore", "returned");
          }};
}

Step RandomSteps::refused_restore() {
  Step step = restore_with_revisions();
  step.text = "set a:k, and " + step.text + ", which is too late";
  step.perform = [restore = std::move(step.perform)](Player& player, Answer& answer) {
    answer.add_result("result", player.memory().set("a", "k", 1));
    restore(player, answer);
  };
  return step;
}

Step RandomSteps::restore_with_revisions() {
  std::vector<Entry> entries = inputs_.entries_to_restore(now_);
  Revision revision = 0;
  for (Entry& entry : entries) {
    entry.created_revision = ++revision;
    revision += static_cast<Revision>(inputs_.draw(1000));
    entry.revision = revision;
  }
  return restore_all(std::move(entries));
}

Step restore_all(std::vector<Entry> entries) {
  const std::string text =
      "restore " + std::to_string(entries.size()) + " entries with their revisions";
  Step step{text, [entries = std::move(entries)](Player& player, Answer& answer) {
              player.memory().restore(entries, RestoreRevisions::keep);
              answer.add("restore", "returned");
            }};
  step.store_words_errors = true;
  return step;
}

}  // namespace holdfast::differential
