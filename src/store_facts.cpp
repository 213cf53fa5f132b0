// Capabilities, stats and health as maps.
#include <string_view>

#include "holdfast/capabilities.hpp"
#include "holdfast/stats.hpp"

namespace holdfast {
namespace {

std::string_view text_of(AtomicScope scope) {
  switch (scope) {
    case AtomicScope::entry:
      return "entry";
    case AtomicScope::ns:
      return "namespace";
    case AtomicScope::store:
      return "store";
  }
  return "";
}

std::string_view text_of(Durability durability) {
  switch (durability) {
    case Durability::none:
      return "none";
    case Durability::process:
      return "process";
    case Durability::power_loss:
      return "power_loss";
  }
  return "";
}

MemoryValue number_or_null(const std::optional<std::uint64_t>& number) {
  return number ? MemoryValue(*number) : MemoryValue();
}

}  // namespace

MemoryValue to_value(const Capabilities& capabilities) {
  return MemoryValue::map({
      {"atomic_scope", text_of(capabilities.atomic_scope)},
      {"durability", text_of(capabilities.durability)},
      {"shared_between_processes", capabilities.shared_between_processes},
      {"read_only", capabilities.read_only},
      {"change_log", capabilities.change_log},
      {"restore", capabilities.restore},
      {"quotas", capabilities.quotas},
      {"eviction", capabilities.eviction},
      {"maintenance", capabilities.maintenance},
      {"search", capabilities.search},
      {"bulk_batch_ops", capabilities.bulk_batch_ops},
      {"max_batch_ops", capabilities.max_batch_ops},
      {"max_batch_bytes", capabilities.max_batch_bytes},
  });
}

MemoryValue to_value(const MemoryStats& stats) {
  return MemoryValue::map({
      {"backend", stats.backend},
      {"entries", stats.entries},
      {"bytes", stats.bytes},
      {"namespaces", stats.namespaces},
      {"last_revision", stats.last_revision},
      {"limits", MemoryValue::map({{"max_entries", number_or_null(stats.limits.max_entries)},
                                   {"max_bytes", number_or_null(stats.limits.max_bytes)},
                                   {"max_value_bytes", stats.limits.max_value_bytes}})},
      {"limited_bytes", stats.limited_bytes},
      {"counters", MemoryValue::map({{"hits", stats.counters.hits},
                                     {"misses", stats.counters.misses},
                                     {"writes", stats.counters.writes},
                                     {"expired", stats.counters.expired},
                                     {"evicted", stats.counters.evicted}})},
      {"details", stats.details},
  });
}

MemoryValue to_value(const Health& health) {
  return MemoryValue::map({
      {"ok", health.ok},
      {"latency_us", health.latency.count()},
      {"message", health.message},
  });
}

}  // namespace holdfast
