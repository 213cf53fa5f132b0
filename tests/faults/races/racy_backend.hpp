// A backend with a race in it.
#pragma once

#include <atomic>
#include <map>
#include <mutex>
#include <string>

#include "conformance/planted_faults/faulty_backend.hpp"

namespace holdfast::fault_tests {

// The faults of FaultyBackend, and more that only threads or their histories show: mutants_test.cpp
// lists them.
class RacyBackend final : public conformance::FaultyBackend {
 public:
  RacyBackend(std::unique_ptr<Backend> sound, std::string fault)
      : FaultyBackend(std::move(sound), fault) {}

  void read(std::span<const AddressView> addresses, std::span<std::optional<Record>> records,
            Detail detail, const Context& context) override;
  std::optional<std::size_t> write(std::span<const WriteOp> ops, std::span<WriteResult> results,
                                   const Context& context) override;

 private:
  using Failed = std::optional<std::size_t>;

  Failed write_in_parts(std::span<const WriteOp> ops, std::span<WriteResult> results,
                        const Context& context);
  Failed compare_then_write(const WriteOp& op, WriteResult& result, const Context& context);
  Failed increment_by_set(const WriteOp& op, WriteResult& result, const Context& context);
  Failed erase_and_bring_back(const WriteOp& op, WriteResult& result, const Context& context);
  void answer_from_memory(AddressView address, std::optional<Record>& record);

  [[nodiscard]] std::optional<Record> read_soundly(AddressView address, const Context& context);
  // Lets others write, where there are any.
  void give_way(const Context& context);
  // Now and then.
  [[nodiscard]] bool is_due() { return calls_.fetch_add(1) % 8 == 7; }

  std::atomic<unsigned> calls_{0};
  std::atomic<Revision> last_revision_{0};
  std::mutex mutex_;
  std::map<std::string, Record> remembered_;  // By key.
};

}  // namespace holdfast::fault_tests
