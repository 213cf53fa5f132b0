#include "write_queue.hpp"

#include <algorithm>
#include <chrono>

#include "errors.hpp"

namespace holdfast::sqlite {

namespace {

constexpr std::size_t largest_group = 256;

}  // namespace

bool WriteQueue::wait_to_lead(std::unique_lock<std::mutex>& lock, Request& request) {
  if (!has_leader_ && waiting_.empty()) {
    has_leader_ = true;
    return true;
  }
  waiting_.push_back(&request);
  const auto may_go = [&] {
    return request.state == Request::State::done || (request.state == Request::State::waiting &&
                                                     !has_leader_ && waiting_.front() == &request);
  };
  const Context& context = request.context;
  bool gone_in_time = true;
  if (context.deadline) {
    gone_in_time = request.wake.wait_until(lock, context.stop, *context.deadline, may_go);
  } else {
    gone_in_time = request.wake.wait(lock, context.stop, may_go);
  }
  if (!gone_in_time && request.state == Request::State::taken) {
    // Too late to withdraw: it is being committed.
    request.wake.wait(lock, may_go);
  }
  if (request.state == Request::State::done) return false;
  std::erase(waiting_, &request);
  if (!gone_in_time) {
    if (!has_leader_ && !waiting_.empty()) waiting_.front()->wake.notify_one();
    context.check();
    fail(ErrorCode::internal, "a wait for the writer ended without a reason");
  }
  has_leader_ = true;
  return true;
}

WriteQueue::Group WriteQueue::take_group() {
  Group group;
  const std::lock_guard lock(mutex_);
  while (!waiting_.empty() && group.size() + 1 < largest_group &&
         waiting_.front()->body != nullptr) {
    waiting_.front()->state = Request::State::taken;
    group.push_back(waiting_.front());
    waiting_.pop_front();
  }
  return group;
}

void WriteQueue::stop_leading(std::unique_lock<std::mutex>& lock, const Group& group) {
  lock.lock();
  has_leader_ = false;
  for (Request* request : group) {
    request->state = Request::State::done;
    request->wake.notify_one();
  }
  if (!waiting_.empty()) waiting_.front()->wake.notify_one();
}

void WriteQueue::run(const Context& context, bool may_undo, const Body& body) {
  Request request{context, &body, may_undo};
  std::unique_lock lock(mutex_);
  if (wait_to_lead(lock, request)) {
    lock.unlock();
    Group followers;
    try {
      writer_.begin(context);
      Group group = take_group();
      followers = group;
      group.insert(group.begin(), &request);
      commit_group(group);
    } catch (...) {
      request.error = std::current_exception();
    }
    stop_leading(lock, followers);
  }
  lock.unlock();
  if (request.error) std::rethrow_exception(request.error);
}

void WriteQueue::run_alone(const Context& context, const std::function<void(Writer&)>& body) {
  Request request{context};
  std::unique_lock lock(mutex_);
  // Nobody else can do the work of this request, so it ends as a leader.
  if (!wait_to_lead(lock, request)) return;
  lock.unlock();
  try {
    body(writer_);
  } catch (...) {
    request.error = std::current_exception();
  }
  stop_leading(lock, {});
  lock.unlock();
  if (request.error) std::rethrow_exception(request.error);
}

// Nothing leaves it: each request has its own error. The transaction was begun.
void WriteQueue::commit_group(const Group& group) {
  if (run_bodies(group)) return commit_kept(group);
  writer_.rollback();
  if (group.size() == 1) return;
  // One of them met a failure that may be its own. Each gets a transaction of its own.
  for (Request* request : group) run_isolated(*request);
}

bool WriteQueue::run_bodies(const Group& group) {
  for (Request* request : group) {
    if (!run_body(*request, group.size() == 1)) return false;
  }
  return true;
}

bool WriteQueue::run_body(Request& request, bool is_alone) {
  WriteTransaction& transaction = writer_.transaction();
  const std::uint64_t changes = transaction.changes();
  request.kept = false;
  request.error = nullptr;
  try {
    request.context.check();
    std::optional<WriteTransaction::Mark> mark;
    if (request.may_undo && !is_alone) mark = transaction.mark();
    try {
      request.kept = (*request.body)(transaction);
    } catch (const EngineError&) {
      throw;
    } catch (...) {
      request.error = std::current_exception();
    }
    if (mark && request.kept) transaction.release(*mark);
    if (mark && !request.kept) transaction.roll_back_to(std::move(*mark));
    // What is to be undone and cannot be undone alone takes the transaction with it.
    return request.kept || transaction.changes() == changes;
  } catch (const EngineError& error) {
    if (error.is_io_error()) writer_.distrust_connection();
    request.error = std::current_exception();
    return false;
  } catch (...) {
    request.error = std::current_exception();
    return true;
  }
}

void WriteQueue::run_isolated(Request& request) {
  try {
    writer_.begin(request.context);
  } catch (...) {
    request.error = std::current_exception();
    return;
  }
  if (run_body(request, true)) return commit_kept({&request});
  writer_.rollback();
}

void WriteQueue::commit_kept(const Group& group) {
  try {
    if (!writer_.transaction().changed()) return writer_.end_unchanged();
    const std::uint64_t expired = writer_.transaction().expired();
    writer_.commit();
    on_expired_(expired);
  } catch (...) {
    for (Request* request : group) {
      if (request->kept) request->error = std::current_exception();
    }
  }
}

}  // namespace holdfast::sqlite
