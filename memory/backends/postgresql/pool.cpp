#include "pool.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <string>
#include <utility>

#include "errors.hpp"
#include "retry.hpp"
#include "support/thread_number.hpp"

namespace holdfast::postgresql {

namespace {

// How long a connection that was idle may take for being found alive.
constexpr std::chrono::seconds longest_check{5};

[[noreturn]] void fail_closed() { fail(ErrorCode::failed_precondition, "the store is closed"); }

}  // namespace

Pool::Lease::~Lease() {
  if (connection_ != nullptr) pool_->give_back(std::move(connection_));
}

void Pool::Lease::discard() noexcept {
  if (connection_ != nullptr) pool_->discard(std::move(connection_));
}

Pool::Pool(const PoolOptions& options) : options_(options) { idle_.reserve(options.size); }

Pool::~Pool() = default;

Pool::Lease Pool::acquire(const Context& context) {
  process_.check_not_forked();
  context.check();
  std::unique_ptr<Connection> connection = take_or_reserve(context);
  try {
    while (connection != nullptr && !is_alive(*connection, context)) {
      connection = replace(std::move(connection));
    }
    if (connection == nullptr) connection = connect(context);
  } catch (...) {
    if (connection != nullptr) {
      give_back(std::move(connection));
    } else {
      const std::lock_guard lock(mutex_);
      release_place();
    }
    throw;
  }
  return {*this, std::move(connection)};
}

// One that is idle, or null along with the right to open one.
std::unique_ptr<Connection> Pool::take_or_reserve(const Context& context) {
  std::unique_lock lock(mutex_);
  if (closed_) fail_closed();
  if (!idle_.empty()) return take_idle();
  if (open_ < options_.size) {
    ++open_;
    return nullptr;
  }
  return wait_for_turn(lock, context);
}

// With the mutex, where there is one.
std::unique_ptr<Connection> Pool::take_idle() noexcept {
  auto lent = std::find_if(idle_.rbegin(), idle_.rend(), [](const Idle& idle) {
    return idle.thread == support::thread_number();
  });
  if (lent == idle_.rend()) lent = idle_.rbegin();
  std::unique_ptr<Connection> taken = std::move(lent->connection);
  idle_.erase(std::next(lent).base());
  return taken;
}

std::unique_ptr<Connection> Pool::wait_for_turn(std::unique_lock<std::mutex>& lock,
                                                const Context& context) {
  auto until = std::chrono::steady_clock::now() + options_.wait;
  if (context.deadline) until = std::min(until, *context.deadline);
  Waiter waiter;
  waiting_.push_back(&waiter);
  waiter.wake.wait_until(lock, context.stop, until, [&] { return waiter.served || closed_; });
  if (waiter.served) return std::move(waiter.connection);
  std::erase(waiting_, &waiter);
  if (closed_) fail_closed();
  lock.unlock();
  context.check();
  fail(ErrorCode::unavailable,
       "all " + std::to_string(options_.size) +
           " connections of this handle were in use for all of pool_wait (" +
           std::to_string(options_.wait.count()) + " ms); the option pool_size=" +
           std::to_string(options_.size) + " says how many there are, pool_wait how long to wait");
}

bool Pool::is_alive(Connection& connection, const Context& context) const {
  const auto now = std::chrono::steady_clock::now();
  const auto last_used = connection.last_used();
  if (last_used > suspicious_since_.load() && now - last_used <= options_.idle_check) return true;
  // A server that is silent is dead, however much time the caller has.
  Context limited = context;
  limited.deadline = now + longest_check;
  if (context.deadline) limited.deadline = std::min(*limited.deadline, *context.deadline);
  try {
    connection.execute_text("SELECT 1", limited);
  } catch (const Error&) {
    context.check();
    return false;
  }
  return connection.is_usable();
}

// For a connection that is dead: another one that is idle, or null along with the right to open
// one.
std::unique_ptr<Connection> Pool::replace(std::unique_ptr<Connection> dead) {
  dead.reset();
  const std::lock_guard lock(mutex_);
  ++discarded_;
  if (idle_.empty()) return nullptr;
  std::unique_ptr<Connection> taken = take_idle();
  release_place();
  return taken;
}

std::unique_ptr<Connection> Pool::connect(const Context& context) {
  using std::chrono::milliseconds;
  constexpr std::array<milliseconds, 2> pauses{milliseconds(50), milliseconds(200)};
  for (std::size_t attempt = 0;; ++attempt) {
    try {
      auto made = std::make_unique<Connection>(options_.connection, watchdog_, context);
      const std::lock_guard lock(mutex_);
      ++opened_;
      return made;
    } catch (const EngineError& error) {
      if (error.code() != ErrorCode::unavailable || attempt == pauses.size()) throw;
    }
    wait_for(pauses[attempt], context);
  }
}

void Pool::give_back(std::unique_ptr<Connection> connection) noexcept {
  if (process_.is_forked()) return;
  if (!connection->is_usable()) return discard(std::move(connection));
  std::unique_lock lock(mutex_);
  if (closed_) {
    release_place();
    lock.unlock();
    return;
  }
  if (waiting_.empty()) {
    idle_.push_back({std::move(connection), support::thread_number()});
  } else {
    serve_first(std::move(connection));
  }
}

void Pool::discard(std::unique_ptr<Connection> connection) noexcept {
  if (process_.is_forked()) return;
  // Before another one takes its place, so that there are never more than the server was promised.
  connection.reset();
  suspicious_since_ = std::chrono::steady_clock::now();
  const std::lock_guard lock(mutex_);
  ++discarded_;
  release_place();
}

// With the mutex: the right to a connection passes on to who has waited longest.
void Pool::release_place() noexcept {
  if (waiting_.empty() || closed_) {
    --open_;
  } else {
    serve_first(nullptr);
  }
}

void Pool::serve_first(std::unique_ptr<Connection> connection) noexcept {
  Waiter& first = *waiting_.front();
  waiting_.erase(waiting_.begin());
  first.connection = std::move(connection);
  first.served = true;
  first.wake.notify_one();
}

PoolFacts Pool::facts() const {
  process_.check_not_forked();
  const std::lock_guard lock(mutex_);
  return {open_, idle_.size(), waiting_.size(), opened_, discarded_};
}

void Pool::close(const std::function<void(Connection&)>& last) noexcept {
  if (process_.is_forked()) return;
  std::vector<Idle> closing;
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    closing.swap(idle_);
    open_ -= closing.size();
    for (Waiter* waiter : waiting_) waiter->wake.notify_one();
  }
  for (const Idle& idle : closing) {
    try {
      if (last && idle.connection->is_usable()) last(*idle.connection);
    } catch (...) {
      // It is closed either way.
    }
  }
}

}  // namespace holdfast::postgresql
