#include "scan_stream.hpp"

#include <string>
#include <system_error>
#include <utility>

#include "holdfast/error.hpp"

namespace holdfast {

ScanStream::ScanStream(Memory& memory, MemoryQuery query, const Context& context)
    : memory_(memory), query_(std::move(query)), context_(context) {
  context_.stop = ended_.get_token();
  ended_by_caller_.emplace(context.stop, [ended = ended_]() mutable { ended.request_stop(); });
  try {
    thread_ = std::thread([this] { run(); });
  } catch (const std::system_error& error) {
    throw Error(ErrorCode::resource_exhausted, "no thread could be started for a scan", {},
                error.what());
  }
}

ScanStream::~ScanStream() {
  ended_.request_stop();
  thread_.join();
}

bool ScanStream::next(Entry& entry) {
  if (position_ == current_.size() && !fetch_chunk()) return false;
  entry = std::move(current_[position_++]);
  return true;
}

bool ScanStream::fetch_chunk() {
  {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return !ready_.empty() || is_finished_; });
    if (ready_.empty()) {
      if (error_) std::rethrow_exception(error_);
      return false;
    }
    current_.swap(ready_.front());
    ready_.pop_front();
    position_ = 0;
  }
  changed_.notify_all();
  return true;
}

void ScanStream::run() noexcept {
  try {
    scan();
    finish(nullptr);
  } catch (...) {
    finish(std::current_exception());
  }
}

void ScanStream::scan() {
  memory_.scan(
      query_, [this](const ScanRow& row) { return take(row); }, context_);
  if (is_cut_short_) context_.check();  // Throws: nothing else cuts it short.
  if (filling_.empty()) return;
  const std::lock_guard lock(mutex_);
  ready_.push_back(std::move(filling_));
}

void ScanStream::finish(std::exception_ptr error) noexcept {
  {
    const std::lock_guard lock(mutex_);
    is_finished_ = true;
    error_ = std::move(error);
  }
  changed_.notify_all();
}

bool ScanStream::take(const ScanRow& row) {
  // Entries of one namespace share its text.
  if (!last_ns_ || last_ns_->text() != row.address.ns) {
    last_ns_ = Namespace::from_canonical(SharedText::copy_of(row.address.ns));
  }
  Entry& entry = filling_.emplace_back();
  static_cast<Record&>(entry) = row.record;
  // Where only keys were asked for, a filter may have needed the value all the same.
  entry.value = query_.keys_only ? MemoryValue() : row.detached_value();
  entry.ns = *last_ns_;
  entry.key = row.address.key;
  filling_bytes_ += entry.size_bytes();
  if (filling_.size() < max_chunk_entries && filling_bytes_ < max_chunk_bytes) return true;
  return hand_over();
}

bool ScanStream::hand_over() {
  {
    std::unique_lock lock(mutex_);
    const auto has_room = [&] { return ready_.size() < max_chunks; };
    const std::stop_token ended = context_.stop;
    is_cut_short_ = context_.deadline
                        ? !changed_.wait_until(lock, ended, *context_.deadline, has_room)
                        : !changed_.wait(lock, ended, has_room);
    if (is_cut_short_) return false;
    ready_.push_back(std::move(filling_));
  }
  changed_.notify_all();
  filling_ = Chunk();
  filling_bytes_ = 0;
  return true;
}

}  // namespace holdfast
