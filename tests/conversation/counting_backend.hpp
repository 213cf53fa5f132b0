// A layer that counts what passes through it.
#pragma once

#include <cstdint>
#include <memory>
#include <utility>

#include "holdfast/backend.hpp"

namespace holdfast {

struct RowCounter {
  std::uint64_t rows = 0;     // Delivered by scans.
  std::uint64_t reads = 0;    // Of single entries.
  std::uint64_t written = 0;  // Operations, preconditions included.
};

class CountingBackend final : public Backend {
 public:
  CountingBackend(std::unique_ptr<Backend> inner, std::shared_ptr<RowCounter> counter)
      : inner_(std::move(inner)), counter_(std::move(counter)) {}

  std::string name() const override { return inner_->name(); }
  Capabilities capabilities() const override { return inner_->capabilities(); }
  Timestamp now(const Context& context) override { return inner_->now(context); }
  void read(std::span<const AddressView> addresses, std::span<std::optional<Record>> records,
            Detail detail, const Context& context) override {
    counter_->reads += addresses.size();
    inner_->read(addresses, records, detail, context);
  }
  std::optional<std::size_t> write(std::span<const WriteOp> ops, std::span<WriteResult> results,
                                   const Context& context) override {
    counter_->written += ops.size();
    return inner_->write(ops, results, context);
  }
  void scan(const ScanRequest& request, const RowSink& sink, const Context& context) override {
    inner_->scan(
        request,
        [&](const ScanRow& row) {
          ++counter_->rows;
          return sink(row);
        },
        context);
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
    inner_->restore(batch, statuses, context);
  }
  [[nodiscard]] std::optional<std::string> note(std::string_view name,
                                                const Context& context) override {
    return inner_->note(name, context);
  }
  SubjectErasure erase_subject(const Scope& scope, const Context& context) override {
    return inner_->erase_subject(scope, context);
  }
  std::optional<bool> resolve(const CommitToken& token, const Context& context) override {
    return inner_->resolve(token, context);
  }
  Maintenance* maintenance() noexcept override { return inner_->maintenance(); }
  SearchIndex* search_index() noexcept override { return inner_->search_index(); }
  void close() override { inner_->close(); }

 private:
  std::unique_ptr<Backend> inner_;
  std::shared_ptr<RowCounter> counter_;
};

}  // namespace holdfast
