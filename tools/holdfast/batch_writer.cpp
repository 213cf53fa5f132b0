#include "batch_writer.hpp"

#include <utility>

#include "entry_stream.hpp"

namespace holdfast::program {
namespace {

std::string conflict_text(const ImportBatch& batch, std::size_t index) {
  const Entry& entry = batch.entry(index);
  return "line " + std::to_string(batch.line(index)) + ": there is an entry \"" + entry.key +
         "\" in namespace '" + std::string(entry.ns.text()) +
         "' already; choose --on-conflict skip, overwrite or newer";
}

}  // namespace

std::vector<BatchWriter::Step> BatchWriter::all_of(const ImportBatch& batch) {
  std::vector<Step> steps(batch.size());
  for (std::size_t i = 0; i < steps.size(); ++i) steps[i].index = i;
  return steps;
}

void BatchWriter::write(const ImportBatch& batch) {
  std::vector<Step> steps = all_of(batch);
  bool look_first = !options_.expects_no_conflict;
  for (int attempt = 0; attempt < Memory::max_attempts && !steps.empty(); ++attempt) {
    if (look_first) {
      look_up(batch, steps);
      apply_policy(batch, steps);
    }
    look_first = true;
    if (!steps.empty()) steps = restore(batch, steps);
  }
  report_.flush();
  if (steps.empty()) return;
  throw Error(ErrorCode::aborted, "line " + std::to_string(batch.line(steps.front().index)) +
                                      ": others write this entry all the time");
}

BatchWriter::Conflicts BatchWriter::conflicts(const ImportBatch& batch) {
  std::vector<Step> steps = all_of(batch);
  look_up(batch, steps);
  Conflicts conflicts;
  for (const Step& step : steps) {
    if (!step.existing) continue;
    report_.add(batch.entry(step.index), step.existing->updated_at, ConflictAction::refused);
    if (conflicts.number++ == 0) conflicts.first = conflict_text(batch, step.index);
  }
  report_.flush();
  return conflicts;
}

void BatchWriter::look_up(const ImportBatch& batch, std::vector<Step>& steps) {
  std::vector<Address> addresses;
  addresses.reserve(steps.size());
  for (const Step& step : steps) {
    const Entry& entry = batch.entry(step.index);
    addresses.emplace_back(entry.ns, entry.key);
  }
  const auto found = memory_.get_many(addresses, Detail::without_value, context_);
  for (std::size_t i = 0; i < steps.size(); ++i) {
    steps[i].existing.reset();
    if (found[i]) steps[i].existing = {found[i]->revision, found[i]->updated_at};
  }
}

void BatchWriter::apply_policy(const ImportBatch& batch, std::vector<Step>& steps) {
  std::vector<Step> to_write;
  for (const Step& step : steps) {
    const Entry& entry = batch.entry(step.index);
    if (!step.existing || gives_way(*step.existing, entry)) {
      to_write.push_back(step);
      continue;
    }
    const bool refuses = options_.policy == ConflictPolicy::fail;
    report_.add(entry, step.existing->updated_at,
                refuses ? ConflictAction::refused : ConflictAction::skipped);
    if (refuses) {
      report_.flush();
      throw Error(ErrorCode::failed_precondition, conflict_text(batch, step.index));
    }
    ++outcome_.skipped;
  }
  steps = std::move(to_write);
}

bool BatchWriter::gives_way(const Existing& existing, const Entry& entry) const {
  if (options_.policy == ConflictPolicy::newer) return existing.updated_at < entry.updated_at;
  return options_.policy == ConflictPolicy::overwrite;
}

std::vector<BatchWriter::Step> BatchWriter::restore(const ImportBatch& batch,
                                                    const std::vector<Step>& steps) {
  const std::vector<RestoreStatus> statuses = send(batch, steps);
  std::vector<Step> unmet;
  for (std::size_t i = 0; i < steps.size(); ++i) {
    const Step& step = steps[i];
    if (statuses[i] == RestoreStatus::unmet) {
      unmet.push_back(step);
    } else if (statuses[i] == RestoreStatus::expired) {
      ++outcome_.expired;
    } else {
      ++outcome_.imported;
      if (!step.existing) continue;
      ++outcome_.overwritten;
      report_.add(batch.entry(step.index), step.existing->updated_at, ConflictAction::overwritten);
    }
  }
  return unmet;
}

std::vector<RestoreStatus> BatchWriter::send(const ImportBatch& batch,
                                             const std::vector<Step>& steps) {
  std::vector<RestoreOp> ops;
  ops.reserve(steps.size());
  for (const Step& step : steps) {
    const Entry& entry = batch.entry(step.index);
    ops.push_back({.address = {entry.ns.text(), entry.key},
                   .record = &entry,
                   .precondition = step.existing
                                       ? Precondition::if_revision(step.existing->revision)
                                       : Precondition::if_absent()});
  }
  RestoreBatch restored{.ops = ops, .revisions = options_.revisions};
  if (options_.revisions == RestoreRevisions::assign) {
    restored.ranks = options_.has_revisions ? rank_by_revisions(ops) : rank_by_place(ops);
  }
  try {
    return memory_.restore(restored, context_);
  } catch (const Error& error) {
    rethrow_at("lines " + std::to_string(batch.line(steps.front().index)) + " to " +
                   std::to_string(batch.line(steps.back().index)) + ": ",
               error);
  }
}

}  // namespace holdfast::program
