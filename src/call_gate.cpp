#include "call_gate.hpp"

#include <thread>

#include "holdfast/error.hpp"

namespace holdfast {

CallGate::Lane& CallGate::lane_of_this_thread() noexcept {
  static std::atomic<unsigned> threads_seen{0};
  thread_local const unsigned number = threads_seen.fetch_add(1, std::memory_order_relaxed);
  return lanes_[number % lanes_.size()];
}

CallGate::Pass::Pass(CallGate& gate) : lane_(gate.lane_of_this_thread()) {
  // Announce first, then look: `close` sets the flag first, then looks for announcements. One of
  // the two sees the other.
  lane_.running_and_hits.fetch_add(1, std::memory_order_seq_cst);
  if (gate.is_closed_.load(std::memory_order_seq_cst)) {
    lane_.running_and_hits.fetch_sub(1, std::memory_order_release);
    throw Error(ErrorCode::failed_precondition, "the store was closed");
  }
}

void CallGate::Pass::count_read(bool found) noexcept {
  if (found && !has_hit_) {
    has_hit_ = true;  // Counted at the end.
  } else if (found) {
    lane_.running_and_hits.fetch_add(one_hit, std::memory_order_relaxed);
  } else {
    lane_.misses.fetch_add(1, std::memory_order_relaxed);
  }
}

void CallGate::Pass::count_writes(std::uint64_t number) noexcept {
  lane_.writes.fetch_add(number, std::memory_order_relaxed);
}

bool CallGate::close() {
  const bool is_first = !is_closed_.exchange(true, std::memory_order_seq_cst);
  for (Lane& lane : lanes_) {
    while (running(lane.running_and_hits.load(std::memory_order_seq_cst)) != 0) {
      std::this_thread::yield();
    }
  }
  return is_first;
}

void CallGate::add_to(HandleCounters& counters) const noexcept {
  for (const Lane& lane : lanes_) {
    counters.hits += lane.running_and_hits.load(std::memory_order_relaxed) / one_hit;
    counters.misses += lane.misses.load(std::memory_order_relaxed);
    counters.writes += lane.writes.load(std::memory_order_relaxed);
  }
}

}  // namespace holdfast
