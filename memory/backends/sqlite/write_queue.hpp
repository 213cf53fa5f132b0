// Group commit: writers that come while another one commits are committed together by the next.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <exception>
#include <functional>
#include <mutex>
#include <utility>
#include <vector>

#include "holdfast/context.hpp"
#include "writer.hpp"

namespace holdfast::sqlite {

class WriteQueue {
 public:
  // Does the work in a transaction; false: what it changed is to be rolled back. May run again in
  // another transaction. Throwing rolls back, too.
  using Body = std::function<bool(WriteTransaction&)>;

  // `on_expired` is told how many expired entries a committed transaction reclaimed.
  WriteQueue(Writer& writer, std::function<void(std::uint64_t)> on_expired)
      : writer_(writer), on_expired_(std::move(on_expired)) {}

  // Returns once `body` ran and what it changed is committed. `may_undo`: body may return false or
  // throw after it has changed something.
  void run(const Context& context, bool may_undo, const Body& body);

  // Runs `body` while nobody else uses the writer.
  void run_alone(const Context& context, const std::function<void(Writer&)>& body);

 private:
  // One call, on the stack of its thread. What others tell it, and that they did, is guarded by its
  // own mutex, so that those who are woken do not wait for one another.
  class Request {
   public:
    explicit Request(const Context& of, const Body* what = nullptr, bool undoes = false)
        : context(of), body(what), may_undo(undoes) {}

    enum class Turn { none, leads, done };
    void tell(Turn turn);
    // Waits to be told; `none` where the context ended before.
    [[nodiscard]] Turn wait();
    [[nodiscard]] Turn wait_without_limit();

    const Context& context;
    const Body* const body;  // Null: wants to be alone.
    const bool may_undo;
    bool kept = false;  // Its changes are part of the transaction.
    std::exception_ptr error{};

   private:
    std::mutex mutex_;
    std::condition_variable told_;
    Turn turn_ = Turn::none;
  };
  using Group = std::vector<Request*>;

  // Whether the caller leads now; otherwise its request is done.
  [[nodiscard]] bool wait_to_lead(Request& request);
  [[nodiscard]] bool withdraw(Request& request);
  // The one that has waited longest leads from now on, if there is one.
  void stop_leading();
  // Adds those that wait by now.
  void add_waiting(Group& group);
  // Commits all that come until the last of them has been run.
  void commit_group(Group& group);
  // False: the engine failed, and the transaction is to be rolled back.
  [[nodiscard]] bool run_bodies(Group& group);
  [[nodiscard]] bool run_body(Request& request, bool is_alone);
  void run_isolated(Request& request);
  // False: it failed, which those whose changes were part of it are told.
  [[nodiscard]] bool commit_kept(const Group& group);

  Writer& writer_;
  const std::function<void(std::uint64_t)> on_expired_;
  std::mutex mutex_;
  std::deque<Request*> waiting_;  // Guarded by the mutex.
  bool has_leader_ = false;       // The same.
};

}  // namespace holdfast::sqlite
