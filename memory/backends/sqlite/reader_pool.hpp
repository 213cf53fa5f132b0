// The connections that reads share.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "holdfast/context.hpp"
#include "reader.hpp"

namespace holdfast::sqlite {

class ReaderPool {
 public:
  // A reader for one call; goes back when it is destroyed.
  class Lease {
   public:
    Lease(ReaderPool& pool, std::unique_ptr<Reader> reader, std::uint64_t epoch) noexcept
        : pool_(pool), reader_(std::move(reader)), epoch_(epoch) {}
    ~Lease();
    Lease(const Lease&) = delete;
    Lease& operator=(const Lease&) = delete;
    Reader* operator->() noexcept { return reader_.get(); }
    // After an input/output error: the connection is closed instead of being used again.
    void discard() noexcept { reader_.reset(); }

   private:
    ReaderPool& pool_;
    std::unique_ptr<Reader> reader_;
    std::uint64_t epoch_;
  };

  ReaderPool(std::string path, const ConnectionOptions& options, std::size_t size,
             std::chrono::milliseconds patience);

  // The one used last, as its cache is warm; opened when needed. Waits, up to the context's
  // deadline or the pool's patience, while all are in use.
  [[nodiscard]] Lease acquire(const Context& context);
  // Those that are open are closed as they come back.
  void retire_all();
  [[nodiscard]] std::size_t size() const noexcept { return size_; }

 private:
  void wait_for_turn(std::unique_lock<std::mutex>& lock, const Context& context);
  void give_back(std::unique_ptr<Reader> reader, std::uint64_t epoch) noexcept;

  const std::string path_;
  const ConnectionOptions options_;
  const std::size_t size_;
  const std::chrono::milliseconds patience_;
  std::mutex mutex_;
  std::condition_variable_any freed_;
  std::vector<std::unique_ptr<Reader>> idle_;
  std::size_t in_use_ = 0;
  std::uint64_t epoch_ = 0;
};

}  // namespace holdfast::sqlite
