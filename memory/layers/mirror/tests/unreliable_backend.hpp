// A backend whose writes fail when a test says so.
#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <utility>

#include "holdfast/backend.hpp"

namespace holdfast::mirror_tests {

class UnreliableBackend final : public Backend {
 public:
  // What fails; set by the test while nothing else runs.
  struct Switch {
    std::optional<ErrorCode> write{};
    std::optional<ErrorCode> restore{};
    bool applies_all_the_same = false;
  };

  UnreliableBackend(std::shared_ptr<Backend> inner, std::shared_ptr<Switch> faults) noexcept
      : inner_(std::move(inner)), faults_(std::move(faults)) {}

  std::string name() const override { return inner_->name(); }
  Capabilities capabilities() const override { return inner_->capabilities(); }
  Timestamp now(const Context& context) override { return inner_->now(context); }
  void read(std::span<const AddressView> addresses, std::span<std::optional<Record>> records,
            Detail detail, const Context& context) override {
    inner_->read(addresses, records, detail, context);
  }
  std::optional<std::size_t> write(std::span<const WriteOp> ops, std::span<WriteResult> results,
                                   const Context& context) override {
    if (!faults_->write) return inner_->write(ops, results, context);
    if (faults_->applies_all_the_same) {
      static_cast<void>(inner_->write(ops, results, context));
    }
    throw Error(*faults_->write, "planted", {}, {}, {"token"});
  }
  void scan(const ScanRequest& request, const RowSink& sink, const Context& context) override {
    inner_->scan(request, sink, context);
  }
  std::uint64_t count(const Scope& scope, const Context& context) override {
    return inner_->count(scope, context);
  }
  std::uint64_t clear(const Scope& scope, const Context& context) override {
    return inner_->clear(scope, context);
  }
  void scan_namespaces(const Namespace& root, const std::optional<std::string>& after,
                       const NamespaceSink& sink, const Context& context) override {
    inner_->scan_namespaces(root, after, sink, context);
  }
  std::size_t sweep(std::size_t max_entries, const Context& context) override {
    return inner_->sweep(max_entries, context);
  }
  MemoryStats stats(const Context& context) override { return inner_->stats(context); }
  void probe(const Context& context) override { inner_->probe(context); }
  Revision stable_revision(const Context& context) override {
    return inner_->stable_revision(context);
  }
  ChangePage changes(Revision after, std::size_t limit, const Context& context) override {
    return inner_->changes(after, limit, context);
  }
  void restore(const RestoreBatch& batch, std::span<RestoreStatus> statuses,
               const Context& context) override {
    if (faults_->restore) throw Error(*faults_->restore, "planted");
    inner_->restore(batch, statuses, context);
  }
  std::optional<std::string> note(std::string_view name, const Context& context) override {
    return inner_->note(name, context);
  }
  SubjectErasure erase_subject(const Scope& scope, const Context& context) override {
    SubjectErasure erasure;
    if (!faults_->write || faults_->applies_all_the_same) {
      erasure = inner_->erase_subject(scope, context);
    }
    if (faults_->write) throw Error(*faults_->write, "planted", {}, {}, {"token"});
    return erasure;
  }
  std::optional<bool> resolve(const CommitToken& token, const Context& context) override {
    return inner_->resolve(token, context);
  }
  Maintenance* maintenance() noexcept override { return inner_->maintenance(); }
  SearchIndex* search_index() noexcept override { return inner_->search_index(); }
  void close() override {}

 private:
  std::shared_ptr<Backend> inner_;
  std::shared_ptr<Switch> faults_;
};

}  // namespace holdfast::mirror_tests
