/// @file
/// Waiting for a pipe or terminal in a way that a stop ends.
#pragma once

#include <functional>
#include <optional>
#include <stop_token>

namespace holdfast::program {

/// Waits for a descriptor and for a stop at once. Without a token that can be triggered it waits
/// for nothing: the reading or writing that follows does.
class StoppableWait {
 public:
  explicit StoppableWait(const std::stop_token& stop);
  ~StoppableWait();
  StoppableWait(const StoppableWait&) = delete;
  StoppableWait& operator=(const StoppableWait&) = delete;

  [[nodiscard]] bool is_stoppable() const noexcept { return wakeup_ >= 0; }
  /// Until there is something to read, or the end. Throws `Cancelled` where a stop was asked for.
  void until_readable(int descriptor);
  /// Until a small piece (`PIPE_BUF`) can be written, or nobody reads any more.
  void until_writable(int descriptor);

 private:
  void until_ready(int descriptor, short events);

  int wakeup_ = -1;
  std::optional<std::stop_callback<std::function<void()>>> on_stop_;
};

}  // namespace holdfast::program
