#include "reader_pool.hpp"

#include <utility>

#include "errors.hpp"

namespace holdfast::sqlite {

ReaderPool::Lease::~Lease() { pool_.give_back(std::move(reader_), epoch_); }

ReaderPool::ReaderPool(std::string path, const ConnectionOptions& options, std::size_t size,
                       std::chrono::milliseconds patience)
    : path_(std::move(path)), options_(options), size_(size), patience_(patience) {
  idle_.reserve(size);
}

void ReaderPool::wait_for_turn(std::unique_lock<std::mutex>& lock, const Context& context) {
  const auto is_free = [&] { return in_use_ < size_; };
  if (is_free()) return;
  auto until = std::chrono::steady_clock::now() + patience_;
  if (context.deadline) until = *context.deadline;
  if (freed_.wait_until(lock, context.stop, until, is_free)) return;
  context.check();
  fail(ErrorCode::unavailable, "all " + std::to_string(size_) +
                                   " readers were in use for all of busy_timeout; the option "
                                   "readers=N allows more reads at once");
}

ReaderPool::Lease ReaderPool::acquire(const Context& context) {
  std::unique_ptr<Reader> reader;
  std::uint64_t epoch = 0;
  {
    std::unique_lock lock(mutex_);
    wait_for_turn(lock, context);
    ++in_use_;
    epoch = epoch_;
    if (!idle_.empty()) {
      reader = std::move(idle_.back());
      idle_.pop_back();
    }
  }
  if (reader == nullptr) {
    try {
      reader = std::make_unique<Reader>(path_, options_);
    } catch (...) {
      give_back(nullptr, epoch);
      throw;
    }
  }
  return {*this, std::move(reader), epoch};
}

void ReaderPool::retire_all() {
  std::vector<std::unique_ptr<Reader>> retired;
  const std::lock_guard lock(mutex_);
  ++epoch_;
  retired.swap(idle_);
}

void ReaderPool::give_back(std::unique_ptr<Reader> reader, std::uint64_t epoch) noexcept {
  {
    const std::lock_guard lock(mutex_);
    --in_use_;
    if (reader != nullptr && epoch == epoch_) idle_.push_back(std::move(reader));
  }
  freed_.notify_one();
}

}  // namespace holdfast::sqlite
