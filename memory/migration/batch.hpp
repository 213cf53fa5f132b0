// The steps that a batch of events comes to at the destination.
#pragma once

#include <cstddef>
#include <map>
#include <span>
#include <vector>

#include "event.hpp"

namespace holdfast::migration {

// What shall lie at one address of the destination, and by which events of the source.
struct Step {
  RestoreOp::Kind kind = RestoreOp::Kind::put;
  Address copy{};               // At the destination.
  Entry entry{};                // The source's; of an erasure only its address.
  Revision created_number = 0;  // put: of the event that created it.
  Revision number = 0;          // Of the last event.
  Precondition precondition{};
};

// Gathers events until there are enough for a write; several of one address become one step.
class EventBatch {
 public:
  EventBatch(const AddressMap& map, RestoreRevisions revisions) noexcept
      : map_(map), revisions_(revisions) {}

  void add(Event event);
  [[nodiscard]] bool empty() const noexcept { return steps_.empty(); }
  [[nodiscard]] std::size_t size() const noexcept { return steps_.size(); }
  [[nodiscard]] std::size_t bytes() const noexcept { return bytes_; }
  // Of the last event added.
  [[nodiscard]] Revision last_number() const noexcept { return last_number_; }
  // The steps, in no order; leaves the batch empty.
  [[nodiscard]] std::vector<Step> take();

 private:
  [[nodiscard]] RestoreOp::Kind kind_of(const Event& event) const;
  static void merge(Step& step, RestoreOp::Kind kind, Event event);

  const AddressMap& map_;
  RestoreRevisions revisions_;
  std::map<Address, Step> steps_;  // By the address at the destination.
  std::size_t bytes_ = 0;
  Revision last_number_ = 0;
};

// The steps as operations of a restore, with ranks in the order of the source's numbers. Views
// into `steps`.
struct RankedOps {
  std::vector<RestoreOp> ops;
  std::size_t ranks = 0;
};
[[nodiscard]] RankedOps ranked_ops(std::span<const Step> steps);

}  // namespace holdfast::migration
