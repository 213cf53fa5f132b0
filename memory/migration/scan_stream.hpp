// `Memory::scan` the other way round: entries are asked for, not handed out.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <exception>
#include <functional>
#include <mutex>
#include <optional>
#include <stop_token>
#include <thread>
#include <vector>

#include "entry_source.hpp"
#include "holdfast/memory.hpp"

namespace holdfast {

// Runs a scan in a thread of its own, which fetches some chunks ahead and then waits: memory is
// bounded by a few chunks, and the scan goes on while its reader works. All entries are of one
// state; a store in memory keeps writers waiting as long as the stream lives.
//
// So whoever holds a stream must not wait for anybody who may be waiting for a writer of the same
// store, a second stream of it included. The deadline and the stop token of the context end the
// scan's waiting too.
class ScanStream final : public EntrySource {
 public:
  static constexpr std::size_t max_chunks = 3;
  static constexpr std::size_t max_chunk_entries = 1000;
  static constexpr std::size_t max_chunk_bytes = std::size_t{1} << 20;  // Passed by one entry.

  // `memory` must outlive the stream. `query` is as for `Memory::scan`.
  ScanStream(Memory& memory, MemoryQuery query, const Context& context = {});
  // Ends the scan where it has not come to its end, and waits until it has.
  ~ScanStream() override;
  ScanStream(const ScanStream&) = delete;
  ScanStream& operator=(const ScanStream&) = delete;

  bool next(Entry& entry) override;

 private:
  using Chunk = std::vector<Entry>;

  // In the thread of the scan.
  void run() noexcept;
  void scan();
  bool take(const ScanRow& row);
  bool hand_over();
  void finish(std::exception_ptr error) noexcept;

  // In that of the reader.
  bool fetch_chunk();

  Memory& memory_;
  const MemoryQuery query_;
  std::stop_source ended_;
  Context context_;  // That of the caller, with the token of `ended_`.
  std::optional<std::stop_callback<std::function<void()>>> ended_by_caller_;

  // The thread of the scan alone.
  Chunk filling_;
  std::size_t filling_bytes_ = 0;
  std::optional<Namespace> last_ns_;
  bool is_cut_short_ = false;

  // The reader alone.
  Chunk current_;
  std::size_t position_ = 0;

  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::deque<Chunk> ready_;
  bool is_finished_ = false;
  std::exception_ptr error_;

  std::thread thread_;
};

}  // namespace holdfast
