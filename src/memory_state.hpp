// What a `Memory` holds, and the frame that every call runs in.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "call_gate.hpp"
#include "holdfast/memory.hpp"

namespace holdfast {

struct Memory::State {
  class GatedMaintenance;

  explicit State(std::unique_ptr<Backend> opened);

  // Runs `body(pass)` unless the store is closed or the context says no, and gives errors the
  // names of the backend and the operation.
  template <typename Body>
  decltype(auto) call(std::string_view operation, const Context& context, Body&& body) {
    try {
      CallGate::Pass pass(gate);
      if (context.deadline || context.stop.stop_possible()) context.check();
      return body(pass);
    } catch (const Error& error) {
      throw error.with_origin({name, std::string(operation)});
    }
  }

  // Reads one record; a read that refreshes the deadline is a `touch`.
  std::optional<Record> read_one(CallGate::Pass& pass, AddressView address, Detail detail,
                                 const ReadOptions& options, const Context& context);
  // Applies operations that were checked, and counts what they changed.
  std::optional<std::size_t> write(CallGate::Pass& pass, std::span<const WriteOp> ops,
                                   std::span<WriteResult> results, const Context& context);
  WriteResult write_one(CallGate::Pass& pass, const WriteOp& op, const Context& context);
  BatchResult write_batch(CallGate::Pass& pass, const WriteBatch& batch, const Context& context);
  // Takes steps that were checked, and counts those that were applied.
  std::vector<RestoreStatus> restore(CallGate::Pass& pass, const RestoreBatch& batch,
                                     const Context& context);
  void check_can_restore() const;
  // Throws for a batch that this backend could not apply atomically, or at all.
  void check_batch(const WriteBatch& batch) const;
  void check_number_of_addresses(std::size_t number) const;

  void close_quietly() noexcept;

  std::unique_ptr<Backend> backend;
  const Capabilities capabilities;
  const std::string name;
  CallGate gate;
  // The backend's upkeep behind the gate; null where there is none.
  const std::unique_ptr<Maintenance> maintenance;
};

}  // namespace holdfast
