#include "workload.hpp"

#include <array>
#include <stdexcept>
#include <utility>

#include "vfs/older_format.hpp"

namespace holdfast::fault_tests {
namespace {

using conformance::DrawnPrecondition;
using conformance::RandomInputs;
using conformance::RandomOp;
using conformance::ReferenceModel;
using conformance::Refused;

void append(std::string& text, const Entry& entry) {
  const auto ms = [](Timestamp t) { return std::to_string(t.time_since_epoch().count()); };
  text.append(entry.ns.text()).append(":").append(entry.key).append(" = ");
  text.append(entry.value.json_text()).append(" created ").append(ms(entry.created_at));
  text.append(" updated ").append(ms(entry.updated_at));
  if (entry.expires_at) text.append(" expires ").append(ms(*entry.expires_at));
  text.append("\n");
}

SearchConfig searchable() {
  SearchConfig config = SearchConfig::texts({"", "s"});
  config.embedding = SearchEmbedding{"m", 3};
  return config;
}

}  // namespace

std::string everything_in(Memory& memory) {
  std::string text;
  MemoryQuery query;
  query.scope = {Namespace(), true};
  query.order = OrderBy::created;
  query.limit = 10'000;
  for (const Entry& entry : memory.query(query).entries) append(text, entry);
  return text;
}

std::string everything_in(const ReferenceModel& model, Timestamp now) {
  std::string text;
  MemoryQuery query;
  query.scope = {Namespace(), true};
  query.order = OrderBy::created;
  const auto all = [](const MemoryValue&) { return true; };
  for (const Entry& entry : model.query(query, all, now)) append(text, entry);
  return text;
}

PowerLossWorkload::PowerLossWorkload(std::filesystem::path folder, SqliteDurability durability,
                                     Beginning beginning, std::uint64_t seed)
    : folder_(std::move(folder)), durability_(durability), inputs_(seed) {
  prepare(beginning);
}

SqliteOptions PowerLossWorkload::options(const std::filesystem::path& folder) const {
  SqliteOptions options;
  options.path = (folder / "store.db").string();
  options.durability = durability_;
  options.clock = clock_;
  options.readers = 1;
  return options;
}

void PowerLossWorkload::prepare(Beginning beginning) {
  if (beginning != Beginning::no_file) {
    memory_.emplace(open_sqlite(options(folder_)));
    for (int i = 0; i < 8; ++i) batch();
    note_stage();
    memory_.reset();
    if (beginning == Beginning::older_format) {
      take_back_to_version_2(folder_ / "store.db");
    }
  } else {
    stages_.push_back({"an empty folder", model_, now(), 0, {}, 0, {}});
  }
}

void PowerLossWorkload::note_stage() {
  const Revision greatest = memory_->stats().last_revision;
  stages_.push_back({doing_, model_, now(), greatest, backup_, backed_up_, otherwise_});
  otherwise_.reset();
}

void PowerLossWorkload::step() {
  if (memory_ && recorder_ != nullptr && inputs_.chance(5)) {
    if (durability_ == SqliteDurability::full) {
      write_with_failing_sync();
    } else {
      checkpoint_with_failing_sync();
    }
  } else if (memory_) {
    do_something();
  } else {
    doing_ = "open";
    memory_.emplace(open_sqlite(options(folder_)));
  }
  note_stage();
}

void PowerLossWorkload::do_something() {
  struct Weighted {
    std::size_t weight;
    const char* name;
    void (PowerLossWorkload::*run)();
  };
  static constexpr std::array choices{
      Weighted{24, "single", &PowerLossWorkload::single},
      Weighted{20, "batch", &PowerLossWorkload::batch},
      Weighted{6, "update", &PowerLossWorkload::update},
      Weighted{10, "transaction", &PowerLossWorkload::transaction},
      Weighted{8, "increment", &PowerLossWorkload::increment},
      Weighted{3, "clear", &PowerLossWorkload::clear},
      Weighted{1, "erase_subject", &PowerLossWorkload::erase_subject},
      Weighted{4, "restore", &PowerLossWorkload::restore},
      Weighted{3, "sweep", &PowerLossWorkload::sweep},
      Weighted{3, "configure_search", &PowerLossWorkload::configure_search},
      Weighted{4, "put_vectors", &PowerLossWorkload::put_vectors},
      Weighted{4, "checkpoint", &PowerLossWorkload::checkpoint},
      Weighted{1, "compact", &PowerLossWorkload::compact},
      Weighted{1, "backup", &PowerLossWorkload::backup},
      Weighted{6, "move_clock", &PowerLossWorkload::move_clock},
      Weighted{2, "reopen", &PowerLossWorkload::reopen},
  };
  const Weighted& choice = inputs_.weighted(choices);
  doing_ = choice.name;
  (this->*choice.run)();
}

// The precondition in the revisions of each.
void PowerLossWorkload::add(const RandomOp& op, WriteBatch& real, WriteBatch& model) {
  Precondition in_store;
  Precondition in_model;
  if (op.drawn == DrawnPrecondition::if_absent) in_store = in_model = Precondition::if_absent();
  if (op.drawn == DrawnPrecondition::if_present) in_store = in_model = Precondition::if_present();
  if (op.drawn == DrawnPrecondition::if_never) {
    in_store = in_model = Precondition::if_revision(RandomInputs::never_given);
  }
  if (op.drawn == DrawnPrecondition::if_current) {
    const auto there = memory_->get_entry(Namespace(op.place.first), op.place.second);
    const auto modelled = model_.get(op.place, now());
    in_store = Precondition::if_revision(there ? there->revision : 0);
    in_model = Precondition::if_revision(modelled ? modelled->revision : 0);
  }
  op.add_to(real, in_store);
  op.add_to(model, in_model);
}

void PowerLossWorkload::write_to_both(const WriteBatch& real, const WriteBatch& model) {
  std::optional<ErrorCode> refused;
  std::vector<WriteResult> results;
  try {
    static_cast<void>(model_.write(model.ops(), results, now()));
  } catch (const Refused& refusal) {
    refused = refusal.code;
  }
  try {
    static_cast<void>(memory_->write(real));
  } catch (const Error& error) {
    if (error.code() != refused) throw;
  }
}

void PowerLossWorkload::write(std::size_t ops) {
  WriteBatch real;
  WriteBatch model;
  for (std::size_t i = 0; i < ops; ++i) add(inputs_.op(ops == 1), real, model);
  write_to_both(real, model);
}

void PowerLossWorkload::update() {
  const auto [ns, key] = inputs_.place();
  const MemoryValue next = inputs_.value();
  memory_->update(ns, key, [&](const Record*) { return std::optional(next); });
  WriteBatch batch;
  batch.set(ns, key, next, {.keep_ttl = true});
  std::vector<WriteResult> results;
  static_cast<void>(model_.write(batch.ops(), results, now()));
}

void PowerLossWorkload::transaction() {
  WriteBatch same;
  memory_->transaction([&](Transaction& transaction) {
    for (std::size_t i = 1 + inputs_.draw(4); i > 0; --i) {
      const auto [ns, key] = inputs_.place();
      static_cast<void>(transaction.get(ns, key));
      const MemoryValue value = inputs_.value();
      if (inputs_.chance(4)) {
        static_cast<void>(transaction.erase(ns, key));
        same.erase(ns, key);
      } else {
        transaction.set(ns, key, value);
        same.set(ns, key, value);
      }
    }
  });
  std::vector<WriteResult> results;
  static_cast<void>(model_.write(same.ops(), results, now()));
}

void PowerLossWorkload::increment() {
  const auto [ns, key] = inputs_.place();
  WriteBatch batch;
  batch.increment(ns, key, inputs_.delta());
  write_to_both(batch, batch);
}

// What the store says of the write is what has to be there from then on.
void PowerLossWorkload::write_with_failing_sync() {
  doing_ = "write with a failing sync";
  if (inputs_.chance(2)) lose_readers();
  WriteBatch batch;
  for (std::size_t i = 1 + inputs_.draw(6); i > 0; --i) {
    const auto [ns, key] = inputs_.place();
    batch.set(ns, key, inputs_.value());
  }
  ReferenceModel changed = model_;
  std::vector<WriteResult> results;
  static_cast<void>(changed.write(batch.ops(), results, now()));
  recorder_->fail_next(FileCall::sync);
  try {
    static_cast<void>(memory_->write(batch));
    model_ = std::move(changed);
  } catch (const Error& error) {
    if (error.code() != ErrorCode::unavailable) throw;
    otherwise_ = std::move(changed);
  }
  recorder_->fail_none();
}

void PowerLossWorkload::checkpoint_with_failing_sync() {
  doing_ = "checkpoint with a failing sync";
  recorder_->fail_next(FileCall::sync);
  try {
    memory_->maintenance().checkpoint({});  // Where there is nothing to move, nothing is synced.
  } catch (const Error& error) {
    if (error.code() != ErrorCode::unavailable) throw;
  }
  recorder_->fail_none();
}

// Then nobody but the writer has the log's index, and after it is opened again a commit whose sync
// has failed can be found in the log.
void PowerLossWorkload::lose_readers() {
  doing_ += " without readers";
  recorder_->fail_next(FileCall::lock_shared);
  try {
    static_cast<void>(memory_->exists("a", "k"));
    throw std::logic_error("a failing lock was not told of");
  } catch (const Error& error) {
    if (error.code() != ErrorCode::unavailable) throw;
  }
}

void PowerLossWorkload::clear() {
  const Scope scope = inputs_.scope();
  static_cast<void>(model_.clear(scope, now()));
  memory_->clear(scope);
}

void PowerLossWorkload::erase_subject() {
  static_cast<void>(model_.clear({Namespace("users"), true}, now()));
  memory_->erase_subject("users");
}

void PowerLossWorkload::restore() {
  const std::vector<Entry> entries = inputs_.entries_to_restore(now());
  model_.restore(entries, now());
  memory_->restore(entries, RestoreRevisions::assign);
}

void PowerLossWorkload::sweep() { memory_->sweep(); }

void PowerLossWorkload::configure_search() {
  const Namespace ns(inputs_.chance(2) ? "users" : "a");
  if (inputs_.chance(4)) {
    memory_->remove_search(ns);
  } else {
    memory_->configure_search(ns, searchable());
  }
}

void PowerLossWorkload::put_vectors() {
  std::vector<EntryVector> vectors;
  for (const SearchConfiguration& each : memory_->search_configurations()) {
    for (const Entry& entry : memory_->without_vector({each.ns, true}, 5)) {
      const auto x = static_cast<float>(1 + inputs_.draw(9));
      vectors.push_back({{entry.ns, entry.key}, entry.revision, {x, 1, 2}});
    }
  }
  if (!vectors.empty()) memory_->put_vectors(vectors);
}

void PowerLossWorkload::checkpoint() { memory_->maintenance().checkpoint({}); }

void PowerLossWorkload::compact() { memory_->maintenance().compact({}); }

void PowerLossWorkload::backup() {
  const std::string name = "backup-" + std::to_string(stages_.size()) + ".db";
  memory_->maintenance().backup((folder_ / name).string(), {}, {});
  backup_ = name;
  backed_up_ = stages_.size();
}

void PowerLossWorkload::move_clock() {
  clock_->advance(std::chrono::milliseconds(inputs_.draw(10)));
}

void PowerLossWorkload::reopen() {
  memory_.reset();
  memory_.emplace(open_sqlite(options(folder_)));
}

}  // namespace holdfast::fault_tests
