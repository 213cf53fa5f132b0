// The connections of one handle.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "connection.hpp"
#include "holdfast/context.hpp"
#include "process_mark.hpp"
#include "watchdog.hpp"

namespace holdfast::postgresql {

struct PoolOptions {
  ConnectionOptions connection;
  std::size_t size = 8;
  std::chrono::milliseconds wait{5000};
  std::chrono::milliseconds idle_check{30'000};
};

struct PoolFacts {
  std::size_t open = 0;
  std::size_t idle = 0;
  std::size_t waiting = 0;
  std::uint64_t opened = 0;     // Connections made since the start.
  std::uint64_t discarded = 0;  // Those that were lost or given up.
};

// Safe to use from many threads. Opens connections as they are needed. A thread is lent the
// connection that it used last where that one is idle, otherwise the one that was used last by any:
// threads that work at the same time do not change connections, and with them the server's
// processes, whose caches and processors then stay the same.
class Pool {
 public:
  explicit Pool(const PoolOptions& options);
  ~Pool();  // No lease lives any more.
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;

  // A connection for as long as this lives. One that is no longer usable is closed when it comes
  // back, instead of being lent again.
  class Lease {
   public:
    Lease(Pool& pool, std::unique_ptr<Connection> connection) noexcept
        : pool_(&pool), connection_(std::move(connection)) {}
    Lease(Lease&& other) noexcept = default;
    Lease& operator=(Lease&&) = delete;
    ~Lease();
    [[nodiscard]] Connection& operator*() const noexcept { return *connection_; }
    [[nodiscard]] Connection* operator->() const noexcept { return connection_.get(); }
    // Closes the connection instead of giving it back.
    void discard() noexcept;

   private:
    Pool* pool_;
    std::unique_ptr<Connection> connection_;
  };

  // Throws Unavailable where no connection comes free within the wait, or no server answers (after
  // a few attempts with growing pauses); DeadlineExceeded and Cancelled by the context.
  [[nodiscard]] Lease acquire(const Context& context);
  [[nodiscard]] PoolFacts facts() const;
  // Closes every idle connection, calling `last` on each that is usable; then none is lent any
  // more.
  void close(const std::function<void(Connection&)>& last) noexcept;

 private:
  // A call that waits, served in the order of coming.
  struct Waiter {
    std::unique_ptr<Connection> connection{};  // Null where it is to open one.
    bool served = false;
    std::condition_variable_any wake{};
  };

  struct Idle {
    std::unique_ptr<Connection> connection;
    std::size_t thread;  // The number of the one that used it last.
  };

  [[nodiscard]] std::unique_ptr<Connection> take_or_reserve(const Context& context);
  [[nodiscard]] std::unique_ptr<Connection> take_idle() noexcept;
  [[nodiscard]] std::unique_ptr<Connection> wait_for_turn(std::unique_lock<std::mutex>& lock,
                                                          const Context& context);
  [[nodiscard]] bool is_alive(Connection& connection, const Context& context) const;
  [[nodiscard]] std::unique_ptr<Connection> replace(std::unique_ptr<Connection> dead);
  [[nodiscard]] std::unique_ptr<Connection> connect(const Context& context);
  void give_back(std::unique_ptr<Connection> connection) noexcept;
  void discard(std::unique_ptr<Connection> connection) noexcept;
  void release_place() noexcept;
  void serve_first(std::unique_ptr<Connection> connection) noexcept;

  const PoolOptions options_;
  const ProcessMark process_;
  Watchdog watchdog_;
  mutable std::mutex mutex_;
  std::vector<Idle> idle_;        // Who was used last stands last.
  std::vector<Waiter*> waiting_;  // Who came first stands first.
  std::size_t open_ = 0;          // Those that are lent or being opened included.
  std::uint64_t opened_ = 0;
  std::uint64_t discarded_ = 0;
  // When a connection was last found lost. Others that were idle then may be lost as well, and are
  // checked before they are lent.
  std::atomic<std::chrono::steady_clock::time_point> suspicious_since_{};
  bool closed_ = false;
};

}  // namespace holdfast::postgresql
