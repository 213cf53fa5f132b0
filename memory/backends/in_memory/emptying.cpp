#include "emptying.hpp"

#include <mutex>
#include <optional>
#include <utility>
#include <vector>

namespace holdfast::in_memory {

std::uint64_t empty_scope(Store& store, const Scope& scope, Store::Traces traces,
                          const Context& context) {
  const std::int64_t now_ms = store.now_ms(context);
  std::uint64_t held = 0;  // Expired ones included.
  std::uint64_t live = 0;
  std::vector<NamespacePin> pins;
  std::vector<NamespaceIndex*> namespaces;
  std::vector<Store::Emptied> emptied;  // Freed after the locks.
  std::unique_lock gate(store.directory.gate());
  std::optional<Directory::From> from;
  while (NamespacePin pin = store.directory.step(scope, from, Direction::ascending)) {
    from = Directory::From{pin->text(), false};
    namespaces.push_back(pin.get());
    pins.push_back(std::move(pin));
  }
  const ExclusiveNamespaces namespace_locks(namespaces);
  gate.unlock();
  emptied.reserve(namespaces.size());
  try {
    for (NamespaceIndex* ns : namespaces) {
      held += ns->entries;
      live += ns->entries - ns->expired(now_ms).entries;
      emptied.push_back(store.prepare_emptying(*ns, traces));
    }
    context.check();
  } catch (...) {
    for (std::size_t i = 0; i < emptied.size(); ++i) Store::cancel_emptying(*namespaces[i]);
    throw;
  }
  const ExclusiveShards shard_locks(store.shards, all_shards);
  for (std::size_t i = 0; i < namespaces.size(); ++i) store.empty(*namespaces[i], emptied[i]);
  if (held == 0) return 0;
  // Without tombstones nothing else tells that something was written.
  if (traces == Store::Traces::none) ++store.last_revision;
  store.was_written = true;
  return live;
}

}  // namespace holdfast::in_memory
