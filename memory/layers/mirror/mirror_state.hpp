// What a mirror and its handles share.
#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include "behind.hpp"
#include "holdfast/mirror.hpp"
#include "holdfast/reconcile.hpp"
#include "write_gate.hpp"

namespace holdfast {

struct Mirror::State {
  State(std::unique_ptr<Backend> from, std::unique_ptr<Backend> to, MirrorOptions given);

  [[nodiscard]] bool is_cut_over() const noexcept { return cut_over.load(); }
  // Where calls go now.
  [[nodiscard]] Backend& active() const noexcept { return is_cut_over() ? *destination : *source; }

  // Makes the destination equal at addresses that were written to, within its patience; what it
  // does not take is remembered.
  void mirror(std::span<const Address> written) noexcept;
  // The same for everything in `scope`, of which entries may have gone.
  void mirror_scope(const Scope& scope) noexcept;
  // The destination may lack writes at those of the addresses that move.
  void fell_behind(std::span<const Address> addresses) { behind.add(those_that_move(addresses)); }
  MigrationResult migrate(bool mirrored, bool verify, const Context& context);
  void catch_up(const Context& context);

  const MirrorOptions options;
  const AddressMap map;
  const std::shared_ptr<Backend> source;
  const std::shared_ptr<Backend> destination;
  Memory source_memory;
  Memory destination_memory;
  mirror::WriteGate gate;
  mirror::Behind behind;
  std::atomic<bool> cut_over{false};
  std::atomic<std::uint64_t> mirrored{0};
  std::mutex moving;      // One migration, or cut-over, at a time.
  MigrationResult moved;  // By the cut-over.

  [[nodiscard]] std::string last_failure() const;

 private:
  [[nodiscard]] std::vector<Address> those_that_move(std::span<const Address> addresses) const;
  [[nodiscard]] Context patience() const;
  [[nodiscard]] bool is_resting() const;
  void bring(std::span<const Address> written);
  void bring_scope(const Scope& scope);
  void failed(const std::string& what);
  [[nodiscard]] std::optional<Scope> copies_of(const Scope& scope) const;
  void reconcile_scope(const Scope& copies);

  mutable std::mutex failure_mutex_;
  std::string last_failure_;
  std::chrono::steady_clock::time_point rests_until_{};
};

}  // namespace holdfast
