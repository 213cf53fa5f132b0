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
  struct Request {
    const Context& context;
    const Body* body = nullptr;  // Null: wants to be alone.
    bool may_undo = false;
    enum class State { waiting, taken, done } state = State::waiting;
    bool kept = false;  // Its changes are part of the transaction.
    std::exception_ptr error{};
    std::condition_variable_any wake{};
  };
  using Group = std::vector<Request*>;

  // Whether the caller leads now; otherwise its request is done.
  [[nodiscard]] bool wait_to_lead(std::unique_lock<std::mutex>& lock, Request& request);
  void stop_leading(std::unique_lock<std::mutex>& lock, const Group& group);
  [[nodiscard]] Group take_group();
  void commit_group(const Group& group);
  // False: the engine failed, and the transaction is to be rolled back.
  [[nodiscard]] bool run_bodies(const Group& group);
  [[nodiscard]] bool run_body(Request& request, bool is_alone);
  void run_isolated(Request& request);
  void commit_kept(const Group& group);

  Writer& writer_;
  const std::function<void(std::uint64_t)> on_expired_;
  std::mutex mutex_;
  std::deque<Request*> waiting_;
  bool has_leader_ = false;
};

}  // namespace holdfast::sqlite
