// Ends calls whose deadline passes or that are told to stop while the server works.
#pragma once

#include <concepts>
#include <functional>
#include <memory>
#include <mutex>
#include <utility>

#include "holdfast/context.hpp"
#include "process_mark.hpp"

namespace holdfast::postgresql {

// One thread, started at the first call that it has to watch, and one more at the first that has to
// end. Safe to use from many threads.
class Watchdog {
  struct Impl;
  struct State;

 public:
  // What is done to a call that has to end: `cancel` asks the server; `give_up`, a second later,
  // shuts the connection's socket down, so that a server that is gone keeps nobody waiting.
  // Both are called on threads of the watchdog's own, and have returned when ~Watch returns; but a
  // `cancel` that hangs (a server that takes connections and is silent) is not waited for once
  // `give_up` was done, so that it has to own what it uses.
  struct Actions {
    std::function<void()> cancel;
    std::function<void()> give_up;
  };

  Watchdog() = default;
  ~Watchdog();
  Watchdog(const Watchdog&) = delete;
  Watchdog& operator=(const Watchdog&) = delete;

  // Watches a call while it lives. Costs nothing where the context has neither deadline nor stop
  // token.
  class Watch {
   public:
    // `make_actions` is called where there is something to watch.
    template <std::invocable MakeActions>
    Watch(Watchdog& watchdog, const Context& context, const MakeActions& make_actions) {
      if (context.deadline || context.stop.stop_possible()) {
        begin(watchdog, context, make_actions());
      }
    }
    Watch(Watchdog& watchdog, const Context& context, Actions actions)
        : Watch(watchdog, context, [&] { return std::move(actions); }) {}
    ~Watch() {
      if (state_ != nullptr) end();
    }
    Watch(const Watch&) = delete;
    Watch& operator=(const Watch&) = delete;
    // Whether the call was told to end.
    [[nodiscard]] bool fired() const noexcept;

   private:
    void end() noexcept;
    void begin(Watchdog& watchdog, const Context& context, Actions actions);

    std::shared_ptr<Impl> impl_;
    std::shared_ptr<State> state_;
  };

 private:
  [[nodiscard]] std::shared_ptr<Impl> started();

  std::shared_ptr<Impl> impl_;
  std::mutex start_mutex_;
  ProcessMark process_;
};

}  // namespace holdfast::postgresql
