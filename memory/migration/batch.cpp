#include "batch.hpp"

#include <algorithm>
#include <utility>

namespace holdfast::migration {
namespace {

using Kind = RestoreOp::Kind;

}  // namespace

RestoreOp::Kind EventBatch::kind_of(const Event& event) const {
  if (event.kind == Event::Kind::removed || !map_.filter().matches(event.entry.value)) {
    return Kind::erase;
  }
  // With its own revisions an entry is put as it is, whatever lies there.
  const bool is_creation =
      event.kind == Event::Kind::created || revisions_ == RestoreRevisions::keep;
  return is_creation ? Kind::put : Kind::replace;
}

void EventBatch::add(Event event) {
  last_number_ = event.number;
  const Kind kind = kind_of(event);
  Address copy(map_.to_destination(event.entry.ns), event.entry.key);
  bytes_ += kind == Kind::erase ? 0 : event.entry.size_bytes();
  const auto [at, is_new] = steps_.try_emplace(std::move(copy));
  Step& step = at->second;
  if (!is_new) return merge(step, kind, std::move(event));
  step.kind = kind;
  step.copy = at->first;
  step.created_number = step.number = event.number;
  step.entry = std::move(event.entry);
}

// Events come in the source's order, but what each one found there may have been read earlier or
// later: the newer record counts.
void EventBatch::merge(Step& step, Kind kind, Event event) {
  step.number = event.number;
  if (kind == Kind::put) step.created_number = event.number;
  if (kind == Kind::replace && step.kind != Kind::replace) {
    // What was created or erased in this batch is not there yet, or no more.
    if (step.kind == Kind::erase) step.created_number = event.number;
    kind = Kind::put;
  }
  step.kind = kind;
  if (kind == Kind::erase || event.entry.revision >= step.entry.revision) {
    step.entry = std::move(event.entry);
  }
}

std::vector<Step> EventBatch::take() {
  std::vector<Step> steps;
  steps.reserve(steps_.size());
  for (auto& [copy, step] : steps_) steps.push_back(std::move(step));
  steps_.clear();
  bytes_ = 0;
  return steps;
}

RankedOps ranked_ops(std::span<const Step> steps) {
  std::vector<Revision> numbers;
  for (const Step& step : steps) {
    numbers.push_back(step.number);
    if (step.kind == Kind::put) numbers.push_back(step.created_number);
  }
  std::sort(numbers.begin(), numbers.end());
  numbers.erase(std::unique(numbers.begin(), numbers.end()), numbers.end());
  const auto rank_of = [&](Revision number) {
    return static_cast<std::size_t>(std::lower_bound(numbers.begin(), numbers.end(), number) -
                                    numbers.begin());
  };
  RankedOps ranked{{}, numbers.size()};
  ranked.ops.reserve(steps.size());
  for (const Step& step : steps) {
    RestoreOp op{.kind = step.kind,
                 .address = {step.copy.ns.text(), step.copy.key},
                 .precondition = step.precondition};
    op.rank = rank_of(step.number);
    op.created_rank = step.kind == Kind::put ? rank_of(step.created_number) : op.rank;
    if (step.kind == Kind::erase) {
      op.revision = step.number;
    } else {
      op.record = &step.entry;
    }
    ranked.ops.push_back(op);
  }
  return ranked;
}

}  // namespace holdfast::migration
