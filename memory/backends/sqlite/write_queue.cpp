#include "write_queue.hpp"

#include <algorithm>
#include <chrono>
#include <new>
#include <stop_token>

#include "errors.hpp"

namespace holdfast::sqlite {

namespace {

constexpr std::size_t largest_group = 256;

}  // namespace

void WriteQueue::Request::tell(Turn turn) {
  // Told while the mutex is held: once it is free the request may be gone.
  const std::lock_guard lock(mutex_);
  turn_ = turn;
  told_.notify_one();
}

WriteQueue::Request::Turn WriteQueue::Request::wait() {
  const std::stop_callback on_stop(context.stop, [this] {
    const std::lock_guard lock(mutex_);
    told_.notify_one();
  });
  std::unique_lock lock(mutex_);
  const auto may_go = [&] { return turn_ != Turn::none || context.stop.stop_requested(); };
  if (context.deadline) {
    told_.wait_until(lock, *context.deadline, may_go);
  } else {
    told_.wait(lock, may_go);
  }
  return turn_;
}

WriteQueue::Request::Turn WriteQueue::Request::wait_without_limit() {
  std::unique_lock lock(mutex_);
  told_.wait(lock, [&] { return turn_ != Turn::none; });
  return turn_;
}

bool WriteQueue::wait_to_lead(Request& request) {
  {
    const std::lock_guard lock(mutex_);
    if (!has_leader_) {
      has_leader_ = true;
      return true;
    }
    waiting_.push_back(&request);
  }
  Request::Turn turn = request.wait();
  if (turn == Request::Turn::none) {
    if (withdraw(request)) {
      request.context.check();
      fail(ErrorCode::internal, "a wait for the writer ended without a reason");
    }
    // Too late: it is being committed, or is to lead.
    turn = request.wait_without_limit();
  }
  return turn == Request::Turn::leads;
}

bool WriteQueue::withdraw(Request& request) {
  const std::lock_guard lock(mutex_);
  return std::erase(waiting_, &request) != 0;
}

void WriteQueue::stop_leading() {
  Request* next = nullptr;
  {
    const std::lock_guard lock(mutex_);
    if (waiting_.empty()) {
      has_leader_ = false;
      return;
    }
    next = waiting_.front();
    waiting_.pop_front();
  }
  next->tell(Request::Turn::leads);
}

void WriteQueue::add_waiting(Group& group) {
  const std::lock_guard lock(mutex_);
  while (!waiting_.empty() && group.size() < largest_group && waiting_.front()->body != nullptr) {
    try {
      group.push_back(waiting_.front());
    } catch (const std::bad_alloc&) {
      return;  // They lead later.
    }
    waiting_.pop_front();
  }
}

void WriteQueue::run(const Context& context, bool may_undo, const Body& body) {
  Request request{context, &body, may_undo};
  Group group{&request};
  if (wait_to_lead(request)) {
    try {
      writer_.begin(context);
      commit_group(group);
    } catch (...) {
      request.error = std::current_exception();
    }
    // First, so that the next group begins while those of this one are woken.
    stop_leading();
    for (std::size_t i = 1; i < group.size(); ++i) group[i]->tell(Request::Turn::done);
  }
  if (request.error) std::rethrow_exception(request.error);
}

void WriteQueue::run_alone(const Context& context, const std::function<void(Writer&)>& body) {
  Request request{context};
  // Nobody else can do the work of this request, so it ends as a leader.
  if (!wait_to_lead(request)) return;
  try {
    body(writer_);
  } catch (...) {
    request.error = std::current_exception();
  }
  stop_leading();
  if (request.error) std::rethrow_exception(request.error);
}

// Nothing leaves it: each request has its own error. The transaction was begun.
void WriteQueue::commit_group(Group& group) {
  if (run_bodies(group)) {
    if (commit_kept(group)) return;
    // What the others were answered may speak of writes that are not there: they are asked again.
    for (Request* request : group) {
      if (!request->kept) run_isolated(*request);
    }
    return;
  }
  writer_.rollback();
  if (group.size() == 1) return;
  // One of them met a failure that may be its own. Each gets a transaction of its own.
  for (Request* request : group) run_isolated(*request);
}

// Those that come while the bodies of others run are taken along: who was woken after the commit
// before this one then need not wait for the next.
bool WriteQueue::run_bodies(Group& group) {
  add_waiting(group);
  for (std::size_t i = 0; i < group.size(); ++i) {
    if (!run_body(*group[i], group.size() == 1)) return false;
    if (i + 1 == group.size()) add_waiting(group);
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
  if (run_body(request, true)) {
    static_cast<void>(commit_kept({&request}));
  } else {
    writer_.rollback();
  }
}

bool WriteQueue::commit_kept(const Group& group) {
  try {
    if (writer_.transaction().changed()) {
      const std::uint64_t expired = writer_.transaction().expired();
      writer_.commit();
      on_expired_(expired);
    } else {
      writer_.end_unchanged();
    }
    return true;
  } catch (...) {
    for (Request* request : group) {
      if (request->kept) request->error = std::current_exception();
    }
    return false;
  }
}

}  // namespace holdfast::sqlite
