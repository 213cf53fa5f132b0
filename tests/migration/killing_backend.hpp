// A backend that dies with its process at a chosen point.
#pragma once

#include <unistd.h>

#include <atomic>
#include <csignal>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <type_traits>
#include <utility>

#include "holdfast/backend.hpp"

namespace holdfast::migration_tests {

// One system call, so that a line is there or not.
inline void say(std::string line) {
  line += '\n';
  static_cast<void>(!::write(STDOUT_FILENO, line.data(), line.size()));
}

// Kills the process by SIGKILL at the n-th point that is passed, and says where that was: which
// call, whether before it, within it or after it, and what was remembered of the migration by then.
// Two that say the same died in the same state.
class KillPoints {
 public:
  explicit KillPoints(std::uint64_t dies_at) noexcept : dies_at_(dies_at) {}

  void pass(const std::string& where) {
    if (++passed_ != dies_at_) return;
    say("killed " + where + ", remembering " + remembered());
    ::kill(::getpid(), SIGKILL);
    while (true) ::pause();
  }
  void remember(const std::string& note) {
    const std::lock_guard lock(mutex_);
    remembered_ = note;
  }

 private:
  std::string remembered() {
    const std::lock_guard lock(mutex_);
    return remembered_;
  }

  const std::uint64_t dies_at_;  // 0: at none.
  std::atomic<std::uint64_t> passed_{0};
  std::mutex mutex_;
  std::string remembered_ = "nothing";
};

// Forwards everything, with a point before and after each call, and some within a scan.
class KillingBackend final : public Backend {
 public:
  KillingBackend(std::unique_ptr<Backend> inner, std::uint64_t dies_at) noexcept
      : inner_(std::move(inner)), points_(dies_at) {}

  std::string name() const override { return inner_->name(); }
  Capabilities capabilities() const override { return inner_->capabilities(); }
  Timestamp now(const Context& context) override { return inner_->now(context); }
  void read(std::span<const AddressView> addresses, std::span<std::optional<Record>> records,
            Detail detail, const Context& context) override {
    around("read", [&] { inner_->read(addresses, records, detail, context); });
  }
  std::optional<std::size_t> write(std::span<const WriteOp> ops, std::span<WriteResult> results,
                                   const Context& context) override {
    return around("write", [&] { return inner_->write(ops, results, context); });
  }
  void scan(const ScanRequest& request, const RowSink& sink, const Context& context) override {
    std::size_t rows = 0;
    const RowSink counted = [&](const ScanRow& row) {
      if (rows++ % rows_a_point == 0) points_.pass("at row " + std::to_string(rows));
      return sink(row);
    };
    around("scan", [&] { inner_->scan(request, counted, context); });
  }
  std::uint64_t count(const Scope& scope, const Context& context) override {
    return around("count", [&] { return inner_->count(scope, context); });
  }
  std::uint64_t clear(const Scope& scope, const Context& context) override {
    return around("clear", [&] { return inner_->clear(scope, context); });
  }
  void scan_namespaces(const Namespace& root, const std::optional<std::string>& after,
                       const NamespaceSink& sink, const Context& context) override {
    around("scan_namespaces", [&] { inner_->scan_namespaces(root, after, sink, context); });
  }
  std::size_t sweep(std::size_t max_entries, const Context& context) override {
    return around("sweep", [&] { return inner_->sweep(max_entries, context); });
  }
  MemoryStats stats(const Context& context) override {
    return around("stats", [&] { return inner_->stats(context); });
  }
  void probe(const Context& context) override { inner_->probe(context); }
  Revision stable_revision(const Context& context) override {
    return around("stable_revision", [&] { return inner_->stable_revision(context); });
  }
  ChangePage changes(Revision after, std::size_t limit, const Context& context) override {
    return around("changes", [&] { return inner_->changes(after, limit, context); });
  }
  void restore(const RestoreBatch& batch, std::span<RestoreStatus> statuses,
               const Context& context) override {
    const std::string call = "restore of " + std::to_string(batch.ops.size());
    points_.pass("before " + call);
    inner_->restore(batch, statuses, context);
    if (batch.note != nullptr) points_.remember(batch.note->text);
    points_.pass("after " + call);
  }
  std::optional<std::string> note(std::string_view name, const Context& context) override {
    auto text = around("note", [&] { return inner_->note(name, context); });
    if (text) points_.remember(*text);
    return text;
  }
  SubjectErasure erase_subject(const Scope& scope, const Context& context) override {
    return around("erase_subject", [&] { return inner_->erase_subject(scope, context); });
  }
  std::optional<bool> resolve(const CommitToken& token, const Context& context) override {
    return inner_->resolve(token, context);
  }
  Maintenance* maintenance() noexcept override { return inner_->maintenance(); }
  SearchIndex* search_index() noexcept override { return inner_->search_index(); }
  void close() override { inner_->close(); }

 private:
  static constexpr std::size_t rows_a_point = 8;

  template <typename Call>
  auto around(const std::string& name, Call&& call) -> decltype(call()) {
    points_.pass("before " + name);
    if constexpr (std::is_void_v<decltype(call())>) {
      call();
      points_.pass("after " + name);
    } else {
      auto result = call();
      points_.pass("after " + name);
      return result;
    }
  }

  std::unique_ptr<Backend> inner_;
  KillPoints points_;
};

}  // namespace holdfast::migration_tests
