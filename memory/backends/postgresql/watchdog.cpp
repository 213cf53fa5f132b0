#include "watchdog.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <map>
#include <optional>
#include <stop_token>
#include <system_error>
#include <thread>
#include <utility>

namespace holdfast::postgresql {

namespace {

using Instant = std::chrono::steady_clock::time_point;

// How long the server has for ending a call before it is given up.
constexpr std::chrono::seconds patience{1};

}  // namespace

// A call that is watched. What is not atomic is guarded by the mutex of Impl.
struct Watchdog::State {
  using Timers = std::multimap<Instant, std::shared_ptr<State>>;

  Actions actions;
  std::optional<Timers::iterator> timer{};
  std::atomic<bool> fired{false};
  bool cancelling = false;  // Cancelling is under way, or about to be.
  bool giving_up = false;
  bool gave_up = false;
  std::optional<std::stop_callback<std::function<void()>>> stop{};
};

struct Watchdog::Impl : std::enable_shared_from_this<Impl> {
  std::mutex mutex;
  std::condition_variable due;          // For the thread of timers.
  std::condition_variable to_cancel;    // For the thread that cancels.
  std::condition_variable action_done;  // For those who end their watch.
  State::Timers timers;
  Instant wakes_at = Instant::max();
  std::deque<std::shared_ptr<State>> cancels;
  bool is_cancelling = false;
  bool stopping = false;
  std::thread timing;
  std::thread cancelling;

  void set_timer(const std::shared_ptr<State>& state, Instant at) {
    clear_timer(*state);
    state->timer = timers.emplace(at, state);
    if (at < wakes_at) due.notify_one();
  }
  void clear_timer(State& state) {
    if (state.timer) timers.erase(*state.timer);
    state.timer.reset();
  }

  void begin(const std::shared_ptr<State>& state, const Context& context);
  void end(State& state);
  void fire(const std::shared_ptr<State>& state);
  void give_up(std::unique_lock<std::mutex>& lock, State& state);
  void run_timers();
  void run_cancels();
  void stop() noexcept;
};

void Watchdog::Impl::begin(const std::shared_ptr<State>& state, const Context& context) {
  if (context.deadline) {
    const std::lock_guard lock(mutex);
    set_timer(state, *context.deadline);
  }
  // May be called from within, so without the mutex, and from the thread that stops: the work is
  // left to the thread of timers.
  state->stop.emplace(context.stop, [this, pointer = std::weak_ptr(state)] {
    const std::lock_guard lock(mutex);
    const auto alive = pointer.lock();
    if (alive && !alive->fired) set_timer(alive, std::chrono::steady_clock::now());
  });
}

void Watchdog::Impl::end(State& state) {
  // Waits for a callback that is running, which takes the mutex.
  state.stop.reset();
  std::unique_lock lock(mutex);
  // What has not begun need not begin.
  const auto is_this = [&](const auto& other) { return other.get() == &state; };
  if (std::erase_if(cancels, is_this) > 0) state.cancelling = false;
  action_done.wait(lock, [&] { return !state.giving_up && (!state.cancelling || state.gave_up); });
  clear_timer(state);
}

void Watchdog::Impl::fire(const std::shared_ptr<State>& state) {
  state->fired = true;
  set_timer(state, std::chrono::steady_clock::now() + patience);
  try {
    if (!cancelling.joinable()) {
      cancelling = std::thread([self = shared_from_this()] { self->run_cancels(); });
    }
    cancels.push_back(state);
    state->cancelling = true;
    to_cancel.notify_one();
  } catch (const std::exception&) {
    // Without a thread nobody asks the server, and the call is given up in a second.
  }
}

void Watchdog::Impl::give_up(std::unique_lock<std::mutex>& lock, State& state) {
  state.giving_up = true;
  lock.unlock();
  state.actions.give_up();
  lock.lock();
  state.giving_up = false;
  state.gave_up = true;
  action_done.notify_all();
}

void Watchdog::Impl::run_timers() {
  std::unique_lock lock(mutex);
  while (!stopping) {
    if (timers.empty()) {
      wakes_at = Instant::max();
      due.wait(lock);
    } else if (timers.begin()->first > std::chrono::steady_clock::now()) {
      wakes_at = timers.begin()->first;
      due.wait_until(lock, wakes_at);
    } else {
      const std::shared_ptr<State> state = timers.begin()->second;
      clear_timer(*state);
      if (state->fired) {
        give_up(lock, *state);
      } else {
        fire(state);
      }
    }
  }
}

void Watchdog::Impl::run_cancels() {
  std::unique_lock lock(mutex);
  while (!stopping) {
    if (cancels.empty()) {
      to_cancel.wait(lock);
      continue;
    }
    const std::shared_ptr<State> state = std::move(cancels.front());
    cancels.pop_front();
    is_cancelling = true;
    lock.unlock();
    state->actions.cancel();
    lock.lock();
    is_cancelling = false;
    state->cancelling = false;
    action_done.notify_all();
  }
}

void Watchdog::Impl::stop() noexcept {
  std::unique_lock lock(mutex);
  stopping = true;
  due.notify_one();
  to_cancel.notify_one();
  const bool hangs = is_cancelling;
  lock.unlock();
  timing.join();
  if (!cancelling.joinable()) return;
  // What hangs was given up; its thread owns this object along with it.
  if (hangs) {
    cancelling.detach();
  } else {
    cancelling.join();
  }
}

Watchdog::~Watchdog() {
  if (impl_ == nullptr) return;
  if (process_.is_forked()) {
    // The threads are the parent's; here they can be neither joined nor forgotten.
    static_cast<void>(new std::shared_ptr<Impl>(std::move(impl_)));
    return;
  }
  impl_->stop();
}

std::shared_ptr<Watchdog::Impl> Watchdog::started() {
  const std::lock_guard lock(start_mutex_);
  if (impl_ == nullptr) {
    auto made = std::make_shared<Impl>();
    made->timing = std::thread([pointer = made.get()] { pointer->run_timers(); });
    impl_ = std::move(made);
  }
  return impl_;
}

void Watchdog::Watch::begin(Watchdog& watchdog, const Context& context, Actions actions) {
  impl_ = watchdog.started();
  state_ = std::make_shared<State>();
  state_->actions = std::move(actions);
  impl_->begin(state_, context);
}

void Watchdog::Watch::end() noexcept { impl_->end(*state_); }

bool Watchdog::Watch::fired() const noexcept { return state_ != nullptr && state_->fired; }

}  // namespace holdfast::postgresql
