#include "copier.hpp"

#include <algorithm>
#include <stop_token>
#include <system_error>
#include <thread>
#include <utility>

#include "bounded_queue.hpp"

namespace holdfast::migration {
namespace {

constexpr std::size_t batch_bytes_max = std::size_t{4} << 20;
constexpr std::size_t chunk_events = 1000;
constexpr std::size_t chunk_bytes = std::size_t{1} << 20;
constexpr std::size_t chunks_waiting = 4;

using Chunk = std::vector<Event>;

// Reads a history in a thread of its own.
class ReadAhead {
 public:
  ReadAhead(const Job& job, const History& history)
      : job_(job), history_(history), context_(job.context), queue_(chunks_waiting) {
    // Ends the reading thread within a scan when this object goes, and with the caller's token.
    context_.stop = stop_.get_token();
    try {
      thread_ = std::jthread([this] { run(); });
    } catch (const std::system_error& error) {
      throw Error(ErrorCode::resource_exhausted, "no thread could be started to read the source",
                  {}, error.what());
    }
  }
  ~ReadAhead() {
    queue_.abandon();
    stop_.request_stop();
  }
  ReadAhead(const ReadAhead&) = delete;
  ReadAhead& operator=(const ReadAhead&) = delete;

  [[nodiscard]] std::optional<Chunk> next() { return queue_.pop(); }

 private:
  void run() noexcept {
    try {
      const std::stop_callback forward(job_.context.stop, [this] { stop_.request_stop(); });
      read();
      queue_.finish();
    } catch (...) {
      queue_.fail(std::current_exception());
    }
  }

  void read() {
    const auto events =
        open_history(job_.source, job_.map, job_.record.revisions, history_, context_);
    Chunk chunk;
    std::size_t bytes = 0;
    Event event;
    while (events->next(event)) {
      bytes += event.entry.size_bytes();
      chunk.push_back(std::move(event));
      if (chunk.size() < chunk_events && bytes < chunk_bytes) continue;
      if (!queue_.push(std::exchange(chunk, {}))) return;
      bytes = 0;
    }
    if (!chunk.empty()) queue_.push(std::move(chunk));
  }

  const Job& job_;
  const History history_;
  std::stop_source stop_;
  Context context_;
  BoundedQueue<Chunk> queue_;
  std::jthread thread_;
};

Entry without_value(const Entry& entry) {
  Entry copy = entry;
  copy.value = MemoryValue();
  return copy;
}

bool is_erasure(const Step& step) { return step.kind == RestoreOp::Kind::erase; }

}  // namespace

std::vector<RestoreStatus> Job::save(const RankedOps& ranked, const MigrationRecord& noted) {
  const Note note = note_of(noted);
  RestoreBatch batch{
      .ops = ranked.ops, .revisions = record.revisions, .ranks = ranked.ranks, .note = &note};
  if (keeps_revisions()) batch.last_revision = noted.position;
  return destination.restore(batch, context);
}

void Job::report(MigrationPhase phase, std::uint64_t done, std::uint64_t total) const {
  if (options.on_progress) options.on_progress({phase, done, total, record.bytes});
}

void refuse_conflict(const Entry& there) {
  throw Error(ErrorCode::failed_precondition,
              "the destination holds an entry \"" + there.key + "\" in namespace \"" +
                  std::string(there.ns.text()) +
                  "\" already; choose what becomes of such entries: skip, overwrite or newer");
}

bool overwrites(Job& job, const Step& step, const Entry& there) {
  const ConflictPolicy policy = job.record.policy;
  if (policy == ConflictPolicy::fail) refuse_conflict(there);
  const bool yes = policy == ConflictPolicy::overwrite ||
                   (policy == ConflictPolicy::newer && step.entry.updated_at > there.updated_at);
  // A later change of an entry that was skipped is no further conflict.
  if (!yes && step.kind != RestoreOp::Kind::put) return false;
  ++(yes ? job.record.overwritten : job.record.skipped);
  if (job.options.on_conflict_found) {
    job.options.on_conflict_found({without_value(step.entry), without_value(there), yes});
  }
  return yes;
}

Copier::Copier(Job& job)
    : job_(job),
      batch_entries_(std::min(job.options.batch_entries != 0
                                  ? job.options.batch_entries
                                  : job.destination.capabilities().bulk_batch_ops,
                              job.destination.capabilities().max_batch_ops)),
      batch_bytes_(std::min(batch_bytes_max, job.destination.capabilities().max_batch_bytes / 8)) {}

std::uint64_t Copier::copy_until(Revision until, MigrationPhase phase, std::uint64_t total) {
  const History history{job_.record.position, until, phase == MigrationPhase::copying};
  ReadAhead reading(job_, history);
  EventBatch batch(job_.map, job_.record.revisions);
  std::uint64_t events = 0;
  const std::uint64_t before = phase == MigrationPhase::copying ? job_.record.copied : 0;
  while (std::optional<Chunk> chunk = reading.next()) {
    for (Event& event : *chunk) {
      batch.add(std::move(event));
      ++events;
      if (batch.size() < batch_entries_ && batch.bytes() < batch_bytes_) continue;
      flush(batch, batch.last_number());
      job_.report(phase, before + events, total);
    }
  }
  flush(batch, until);
  job_.report(phase, before + events, total);
  return events;
}

void Copier::flush(EventBatch& batch, Revision position) {
  std::vector<Step> steps = batch.take();
  if (!job_.options.mirrored && !job_.may_conflict()) return write(std::move(steps), position);
  if (job_.options.mirrored) {
    write_mirrored(steps);
  } else {
    write_beside_others(std::move(steps));
  }
  job_.record.position = position;
  job_.save();
}

void Copier::count(const Step& step, RestoreStatus status) {
  if (status != RestoreStatus::applied) return;
  if (is_erasure(step)) {
    ++job_.record.erased;
    return;
  }
  ++job_.record.copied;
  job_.record.bytes += step.entry.size_bytes();
}

// What the source erased before it was copied is not there.
void Copier::leave_out_absent_erasures(std::vector<Step>& steps) {
  std::vector<Address> copies;
  for (const Step& step : steps) {
    if (is_erasure(step)) copies.push_back(step.copy);
  }
  if (copies.empty()) return;
  const auto there = job_.destination.get_many(copies, Detail::without_value, job_.context);
  auto next = there.begin();
  std::erase_if(steps, [&](const Step& step) { return is_erasure(step) && !*next++; });
}

// Nobody else writes there: the entries and the record go in one step.
void Copier::write(std::vector<Step> steps, Revision position) {
  leave_out_absent_erasures(steps);
  for (Step& step : steps) {
    if (is_erasure(step)) step.precondition = Precondition::if_present();
  }
  // What is counted in the record is what is expected; what comes otherwise, an entry that expires
  // at this moment, is corrected by the next one.
  const MigrationRecord before = job_.record;
  job_.record.position = position;
  for (const Step& step : steps) count(step, RestoreStatus::applied);
  std::vector<RestoreStatus> statuses;
  try {
    statuses = job_.save(ranked_ops(steps));
  } catch (...) {
    job_.record = before;
    throw;
  }
  job_.record = before;
  job_.record.position = position;
  for (std::size_t i = 0; i < steps.size(); ++i) count(steps[i], statuses[i]);
}

std::vector<Step> Copier::decide(std::vector<Step> steps) {
  std::vector<Address> copies;
  copies.reserve(steps.size());
  for (const Step& step : steps) copies.push_back(step.copy);
  const auto there = job_.destination.get_many(copies, Detail::without_value, job_.context);
  std::vector<Step> chosen;
  for (std::size_t i = 0; i < steps.size(); ++i) {
    Step& step = steps[i];
    const bool conflicts = there[i] && there[i]->created_revision <= job_.record.base;
    if (is_erasure(step) && (conflicts || !there[i])) continue;
    if (conflicts && !overwrites(job_, step, *there[i])) continue;
    if (conflicts && step.kind == RestoreOp::Kind::replace) {
      step.kind = RestoreOp::Kind::put;
      step.created_number = step.number;
    }
    step.precondition =
        there[i] ? Precondition::if_revision(there[i]->revision) : Precondition::if_absent();
    chosen.push_back(std::move(step));
  }
  return chosen;
}

// Decides about each address by what lies there, and again where that changed meanwhile. A run that
// is taken up before the record is written does all of it once more, and counts it then; but it
// takes what was overwritten for a copy, and finds nothing to erase where it has erased, so these
// are noted in the step that does them.
void Copier::write_beside_others(std::vector<Step> steps) {
  MigrationRecord noted = job_.record;
  for (int attempt = 0; attempt < Memory::max_attempts; ++attempt) {
    steps = decide(std::move(steps));
    if (steps.empty()) return;
    noted.overwritten = job_.record.overwritten;
    const auto erasures = std::count_if(steps.begin(), steps.end(), is_erasure);
    noted.erased = job_.record.erased + static_cast<std::uint64_t>(erasures);
    const auto statuses = job_.save(ranked_ops(steps), noted);
    std::vector<Step> unmet;
    for (std::size_t i = 0; i < steps.size(); ++i) {
      count(steps[i], statuses[i]);
      if (statuses[i] == RestoreStatus::unmet) unmet.push_back(std::move(steps[i]));
    }
    steps = std::move(unmet);
    if (steps.empty()) return;
  }
  throw Error(ErrorCode::aborted,
              "others write to the destination's entries as fast as they are copied");
}

// A mirror writes there too. What lies there already was written by it or by an earlier run; what
// changes at the source while it is copied is looked at again. See reconcile.hpp.
void Copier::write_mirrored(const std::vector<Step>& steps) {
  std::vector<Step> fresh;
  std::vector<Address> doubtful;
  for (const Step& step : steps) {
    if (is_erasure(step)) {
      doubtful.emplace_back(step.entry.ns, step.entry.key);
    } else {
      fresh.push_back(step);
      fresh.back().precondition = Precondition::if_absent();
    }
  }
  const RankedOps ranked = ranked_ops(fresh);
  const auto statuses = job_.destination.restore(
      {.ops = ranked.ops, .revisions = job_.record.revisions, .ranks = ranked.ranks}, job_.context);
  std::vector<Address> addresses;
  for (const Step& step : fresh) addresses.emplace_back(step.entry.ns, step.entry.key);
  const auto now = job_.source.get_many(addresses, Detail::without_value, job_.context);
  for (std::size_t i = 0; i < fresh.size(); ++i) {
    count(fresh[i], statuses[i]);
    const bool is_current = now[i] && now[i]->revision == fresh[i].entry.revision;
    if (statuses[i] != RestoreStatus::applied || !is_current) doubtful.push_back(addresses[i]);
  }
  const ReconcileResult result =
      reconcile(job_.source, job_.destination, doubtful, job_.reconcile_options(), job_.context);
  job_.record.copied += result.written;
  job_.record.erased += result.erased;
}

}  // namespace holdfast::migration
