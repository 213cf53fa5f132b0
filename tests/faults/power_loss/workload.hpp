// A seeded sequence of everything that a store of SQLite does to its files, with the reference
// model beside it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "holdfast/conformance/random_inputs.hpp"
#include "holdfast/conformance/reference_model.hpp"
#include "holdfast/sqlite.hpp"
#include "recorder.hpp"

namespace holdfast::fault_tests {

// What the store promised once a step had returned.
struct Stage {
  std::string doing{};  // The step that led here.
  conformance::ReferenceModel model{};
  Timestamp now{};
  Revision greatest = 0;      // The greatest revision given.
  std::string backup{};       // The name of the latest backup; empty: none was made.
  std::size_t backed_up = 0;  // The stage that it shows.
  // What may be there instead while the step has not returned: a write that is told to have failed.
  std::optional<conformance::ReferenceModel> otherwise{};
};

enum class Beginning : std::uint8_t { no_file, older_format, filled };

class PowerLossWorkload {
 public:
  // The store is store.db in `folder`, which is empty.
  PowerLossWorkload(std::filesystem::path folder, SqliteDurability durability, Beginning beginning,
                    std::uint64_t seed);

  // The next step: opens the store the first time, does something with it afterwards.
  void step();
  void close() { memory_.reset(); }
  // From now on some steps meet a failing call, which `recorder` sees to while it lives.
  void fail_calls_of(Recorder& recorder) noexcept { recorder_ = &recorder; }
  // One more than steps that have returned: the first is what was there before.
  [[nodiscard]] const std::vector<Stage>& stages() const noexcept { return stages_; }
  [[nodiscard]] SqliteOptions options(const std::filesystem::path& folder) const;
  [[nodiscard]] ManualClock& clock() noexcept { return *clock_; }

 private:
  void prepare(Beginning beginning);
  void note_stage();
  void do_something();
  void single() { write(1); }
  void batch() { write(2 + inputs_.draw(8)); }
  void write(std::size_t ops);
  void update();
  void transaction();
  void increment();
  void write_with_failing_sync();
  void checkpoint_with_failing_sync();
  void lose_readers();
  void clear();
  void erase_subject();
  void restore();
  void sweep();
  void configure_search();
  void put_vectors();
  void checkpoint();
  void compact();
  void backup();
  void move_clock();
  void reopen();
  void write_to_both(const WriteBatch& real, const WriteBatch& model);
  void add(const conformance::RandomOp& op, WriteBatch& real, WriteBatch& model);
  [[nodiscard]] Timestamp now() const { return clock_->now(); }

  const std::filesystem::path folder_;
  const SqliteDurability durability_;
  conformance::RandomInputs inputs_;
  std::shared_ptr<ManualClock> clock_ = std::make_shared<ManualClock>();
  std::optional<Memory> memory_;
  conformance::ReferenceModel model_;
  Recorder* recorder_ = nullptr;  // Null: no call fails.
  std::optional<conformance::ReferenceModel> otherwise_{};
  std::string doing_;
  std::string backup_;
  std::size_t backed_up_ = 0;
  std::vector<Stage> stages_;
};

// All entries that are live, in the order of their creation, as one text: of a store, and of what
// it should hold.
[[nodiscard]] std::string everything_in(Memory& memory);
[[nodiscard]] std::string everything_in(const conformance::ReferenceModel& model, Timestamp now);

}  // namespace holdfast::fault_tests
