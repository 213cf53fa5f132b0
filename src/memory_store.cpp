// The store as a whole: stats, health, history, upkeep.
#include <algorithm>

#include "memory_state.hpp"
#include "validate.hpp"

namespace holdfast {

Timestamp Memory::now(const Context& context) {
  return state_->call("now", context,
                      [&](CallGate::Pass&) { return state_->backend->now(context); });
}

MemoryStats Memory::stats(const Context& context) {
  return state_->call("stats", context, [&](CallGate::Pass&) {
    MemoryStats stats = state_->backend->stats(context);
    stats.backend = state_->name;
    state_->gate.add_to(stats.counters);
    return stats;
  });
}

Health Memory::health(const Context& context) {
  using SteadyClock = std::chrono::steady_clock;
  const auto start = SteadyClock::now();
  Context limited = context;
  if (!limited.deadline) limited.deadline = start + health_time_limit;
  Health health;
  try {
    state_->call("health", limited, [&](CallGate::Pass&) { state_->backend->probe(limited); });
    health.ok = true;
  } catch (const Error& error) {
    health.message = error.what();
  }
  health.latency =
      std::chrono::duration_cast<std::chrono::microseconds>(SteadyClock::now() - start);
  return health;
}

std::size_t Memory::sweep(std::size_t max_entries, const Context& context) {
  return state_->call("sweep", context, [&](CallGate::Pass&) {
    return state_->backend->sweep(max_entries, context);
  });
}

Revision Memory::stable_revision(const Context& context) {
  return state_->call("stable_revision", context,
                      [&](CallGate::Pass&) { return state_->backend->stable_revision(context); });
}

ChangePage Memory::changes(Revision after, std::size_t limit, const Context& context) {
  return state_->call("changes", context, [&](CallGate::Pass&) {
    constexpr std::size_t max_limit = MemoryQuery::max_limit;
    if (after < 0) throw_invalid_argument("revisions are not negative; 0 stands before all");
    if (limit < 1 || limit > max_limit) {
      throw_invalid_argument("the limit is " + std::to_string(limit) + "; 1 to " +
                             std::to_string(max_limit) + " are allowed");
    }
    return state_->backend->changes(after, limit, context);
  });
}

std::optional<bool> Memory::resolve(const CommitToken& token, const Context& context) {
  return state_->call("resolve", context,
                      [&](CallGate::Pass&) { return state_->backend->resolve(token, context); });
}

Maintenance& Memory::maintenance() {
  return state_->call("maintenance", {}, [&](CallGate::Pass&) -> Maintenance& {
    if (state_->maintenance == nullptr) {
      throw Error(ErrorCode::unsupported, "this backend needs no upkeep and offers none");
    }
    return *state_->maintenance;
  });
}

}  // namespace holdfast
