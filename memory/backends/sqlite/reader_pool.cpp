#include "reader_pool.hpp"

#include <utility>

#include "errors.hpp"
#include "support/thread_number.hpp"

namespace holdfast::sqlite {

ReaderPool::ReaderPool(std::string path, const ConnectionOptions& options, std::size_t size,
                       std::chrono::milliseconds patience)
    : path_(std::move(path)), options_(options), patience_(patience), places_(size) {}

ReaderPool::~ReaderPool() {
  while (take_idle() != nullptr) continue;
}

std::unique_ptr<Reader> ReaderPool::take_idle() noexcept {
  const std::size_t own = support::thread_number();
  for (std::size_t i = 0; i < places_.size(); ++i) {
    std::atomic<Reader*>& idle = places_[(own + i) % places_.size()].idle;
    if (idle.load(std::memory_order_seq_cst) == nullptr) continue;
    if (Reader* const taken = idle.exchange(nullptr, std::memory_order_acquire)) {
      return std::unique_ptr<Reader>(taken);
    }
  }
  return nullptr;
}

std::unique_ptr<Reader> ReaderPool::wait_for_turn(const Context& context) {
  std::unique_ptr<Reader> reader;
  // Announced first, looked for then: who gives back puts the reader into its place first and looks
  // for those who wait then. One of the two sees the other.
  waiting_.fetch_add(1, std::memory_order_seq_cst);
  std::unique_lock lock(mutex_);
  const auto has_turn = [&] {
    reader = take_idle();
    if (reader == nullptr && opened_ == places_.size()) return false;
    opened_ += reader == nullptr ? 1U : 0U;
    return true;
  };
  bool in_time = has_turn();
  if (!in_time) {
    auto until = std::chrono::steady_clock::now() + patience_;
    if (context.deadline) until = *context.deadline;
    in_time = freed_.wait_until(lock, context.stop, until, has_turn);
  }
  waiting_.fetch_sub(1, std::memory_order_relaxed);
  if (in_time) return reader;
  context.check();
  fail(ErrorCode::unavailable, "all " + std::to_string(size()) +
                                   " readers were in use for all of busy_timeout; the option "
                                   "readers=N allows more reads at once");
}

ReaderPool::Lease ReaderPool::acquire(const Context& context) {
  std::unique_ptr<Reader> reader = take_idle();
  if (reader == nullptr) reader = wait_for_turn(context);
  if (reader == nullptr) {
    try {
      reader = std::make_unique<Reader>(path_, options_);
    } catch (...) {
      give_back(nullptr);
      throw;
    }
  }
  return {*this, std::move(reader)};
}

void ReaderPool::give_back(std::unique_ptr<Reader> reader) noexcept {
  if (reader == nullptr) {
    {
      const std::lock_guard lock(mutex_);
      --opened_;
    }
    freed_.notify_one();
    return;
  }
  // There are as many places as readers, so one of them is free.
  for (std::size_t i = support::thread_number(); reader != nullptr; ++i) {
    Reader* none = nullptr;
    std::atomic<Reader*>& idle = places_[i % places_.size()].idle;
    if (idle.compare_exchange_strong(none, reader.get(), std::memory_order_seq_cst)) {
      static_cast<void>(reader.release());
    }
  }
  if (waiting_.load(std::memory_order_seq_cst) > 0) wake_one();
}

void ReaderPool::wake_one() noexcept {
  // Whoever looked for a reader and found none either sleeps by now or has not yet looked.
  { const std::lock_guard lock(mutex_); }
  freed_.notify_one();
}

}  // namespace holdfast::sqlite
