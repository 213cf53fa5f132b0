// The connections that reads share.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "holdfast/context.hpp"
#include "reader.hpp"

namespace holdfast::sqlite {

// Idle readers lie in places of which each thread looks into its own first: threads that read at
// the same time neither wait for each other nor change each other's caches, and one that reads
// again meets the cache that it has filled.
class ReaderPool {
 public:
  // A reader for one call; goes back when it is destroyed.
  class Lease {
   public:
    Lease(ReaderPool& pool, std::unique_ptr<Reader> reader) noexcept
        : pool_(pool), reader_(std::move(reader)) {}
    ~Lease() { pool_.give_back(std::move(reader_)); }
    Lease(const Lease&) = delete;
    Lease& operator=(const Lease&) = delete;
    Reader* operator->() noexcept { return reader_.get(); }
    // After an input/output error: the connection is closed instead of being used again.
    void discard() noexcept { reader_.reset(); }

   private:
    ReaderPool& pool_;
    std::unique_ptr<Reader> reader_;
  };

  ReaderPool(std::string path, const ConnectionOptions& options, std::size_t size,
             std::chrono::milliseconds patience);
  ~ReaderPool();

  // Opened when needed. Waits, up to the context's deadline or the pool's patience, while all are
  // in use.
  [[nodiscard]] Lease acquire(const Context& context);
  [[nodiscard]] std::size_t size() const noexcept { return places_.size(); }

 private:
  struct alignas(64) Place {
    std::atomic<Reader*> idle{nullptr};
  };

  [[nodiscard]] std::unique_ptr<Reader> take_idle() noexcept;
  // An idle one, or null where one more may be opened.
  [[nodiscard]] std::unique_ptr<Reader> wait_for_turn(const Context& context);
  void give_back(std::unique_ptr<Reader> reader) noexcept;
  void wake_one() noexcept;

  const std::string path_;
  const ConnectionOptions options_;
  const std::chrono::milliseconds patience_;
  std::vector<Place> places_;  // As many as there may be readers.
  std::atomic<std::size_t> waiting_{0};
  std::mutex mutex_;
  std::condition_variable_any freed_;
  std::size_t opened_ = 0;  // Idle or in use. Guarded by the mutex.
};

}  // namespace holdfast::sqlite
