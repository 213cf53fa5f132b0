#include "mirror_state.hpp"

#include <utility>

#include "shared_backend.hpp"

namespace holdfast {
namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr std::size_t page_entries = 1000;

Memory closing_memory(const std::shared_ptr<Backend>& backend) {
  return Memory(std::make_unique<mirror::SharedBackend>(backend, true));
}

AddressMap map_of(const MigrationOptions& options) {
  return {options.scope, options.destination.value_or(options.scope.ns), options.filter};
}

}  // namespace

Mirror::State::State(std::unique_ptr<Backend> from, std::unique_ptr<Backend> to,
                     MirrorOptions given)
    : options(std::move(given)),
      map(map_of(options.migration)),
      source(std::move(from)),
      destination(std::move(to)),
      source_memory(closing_memory(source)),
      destination_memory(closing_memory(destination)) {
  MigrationOptions begun = options.migration;
  begun.mirrored = true;
  begun.dry_run = begun.restart = false;
  begin_migration(source_memory, destination_memory, begun);
}

Context Mirror::State::patience() const {
  Context context;
  context.deadline = SteadyClock::now() + options.destination_patience;
  return context;
}

bool Mirror::State::is_resting() const {
  const std::lock_guard lock(failure_mutex_);
  return SteadyClock::now() < rests_until_;
}

std::string Mirror::State::last_failure() const {
  const std::lock_guard lock(failure_mutex_);
  return last_failure_;
}

void Mirror::State::failed(const std::string& what) {
  const std::lock_guard lock(failure_mutex_);
  last_failure_ = what;
  rests_until_ = SteadyClock::now() + options.destination_patience;
}

std::vector<Address> Mirror::State::those_that_move(std::span<const Address> addresses) const {
  std::vector<Address> covered;
  for (const Address& address : addresses) {
    if (map.covers(address.ns.text())) covered.push_back(address);
  }
  return covered;
}

// Whatever goes wrong here, the write is done: the source has it.
void Mirror::State::mirror(std::span<const Address> written) noexcept {
  try {
    bring(written);
  } catch (const std::exception&) {
    behind.add_unknown();  // Out of memory: not even what is behind could be written down.
  }
}

void Mirror::State::bring(std::span<const Address> written) {
  const std::vector<Address> covered = those_that_move(written);
  if (covered.empty()) return;
  if (is_resting()) return behind.add(covered);
  try {
    static_cast<void>(reconcile(source_memory, destination_memory, covered,
                                {.map = map, .revisions = RestoreRevisions::keep}, patience()));
    ++mirrored;
  } catch (const Error& error) {
    behind.add(covered);
    failed(error.what());
  }
}

std::optional<Scope> Mirror::State::copies_of(const Scope& scope) const {
  const Scope all = map.destination_scope();
  if (scope.subtree && scope.contains(map.scope().ns.text())) return all;
  if (!map.covers(scope.ns.text())) return std::nullopt;
  return Scope{map.to_destination(scope.ns), scope.subtree && map.scope().subtree};
}

void Mirror::State::mirror_scope(const Scope& scope) noexcept {
  try {
    bring_scope(scope);
  } catch (const std::exception&) {
    behind.add_unknown();
  }
}

void Mirror::State::bring_scope(const Scope& scope) {
  const std::optional<Scope> copies = copies_of(scope);
  if (!copies) return;
  if (is_resting()) return behind.add_unknown();
  try {
    reconcile_scope(*copies);
    ++mirrored;
  } catch (const Error& error) {
    behind.add_unknown();
    failed(error.what());
  }
}

void Mirror::State::reconcile_scope(const Scope& copies) {
  MemoryQuery query{.scope = copies, .keys_only = true, .limit = page_entries};
  do {
    const Page page = destination_memory.query(query, patience());
    std::vector<Address> addresses;
    for (const Entry& entry : page.entries) {
      addresses.emplace_back(map.to_source(entry.ns), entry.key);
    }
    static_cast<void>(reconcile(source_memory, destination_memory, addresses,
                                {.map = map, .revisions = RestoreRevisions::keep}, patience()));
    query.cursor = page.cursor;
  } while (!query.cursor.empty());
}

MigrationResult Mirror::State::migrate(bool mirrored_meanwhile, bool verify,
                                       const Context& context) {
  MigrationOptions moving_options = options.migration;
  moving_options.mirrored = mirrored_meanwhile;
  moving_options.verify = verify;
  moving_options.dry_run = moving_options.restart = false;
  return holdfast::migrate(source_memory, destination_memory, moving_options, context);
}

void Mirror::State::catch_up(const Context& context) {
  const std::vector<Address> addresses = behind.take();
  try {
    static_cast<void>(reconcile(source_memory, destination_memory, addresses,
                                {.map = map, .revisions = RestoreRevisions::keep}, context));
  } catch (...) {
    behind.add(addresses);
    throw;
  }
}

}  // namespace holdfast
