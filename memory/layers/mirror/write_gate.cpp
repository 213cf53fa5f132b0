#include "write_gate.hpp"

namespace holdfast::mirror {

template <typename Done>
void WriteGate::wait(std::unique_lock<std::mutex>& lock, const Context& context, const Done& done) {
  const bool is_done = context.deadline
                           ? changed_.wait_until(lock, context.stop, *context.deadline, done)
                           : changed_.wait(lock, context.stop, done);
  if (!is_done) context.check();
}

void WriteGate::enter(const Context& context) {
  std::unique_lock lock(mutex_);
  wait(lock, context, [this] { return !closed_; });
  ++passed_;
}

void WriteGate::leave() noexcept {
  const std::lock_guard lock(mutex_);
  --passed_;
  changed_.notify_all();
}

void WriteGate::close(const Context& context) {
  std::unique_lock lock(mutex_);
  closed_ = true;
  try {
    wait(lock, context, [this] { return passed_ == 0; });
  } catch (...) {
    closed_ = false;
    changed_.notify_all();
    throw;
  }
}

void WriteGate::open() noexcept {
  const std::lock_guard lock(mutex_);
  closed_ = false;
  changed_.notify_all();
}

}  // namespace holdfast::mirror
