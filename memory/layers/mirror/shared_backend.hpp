// One backend behind several `Memory` objects.
#pragma once

#include <memory>
#include <utility>

#include "holdfast/backend.hpp"

namespace holdfast::mirror {

// Forwards everything. Whoever is to close the backend says so.
class SharedBackend final : public Backend {
 public:
  SharedBackend(std::shared_ptr<Backend> inner, bool closes) noexcept
      : inner_(std::move(inner)), closes_(closes) {}

  [[nodiscard]] std::string name() const override { return inner_->name(); }
  [[nodiscard]] Capabilities capabilities() const override { return inner_->capabilities(); }
  [[nodiscard]] Timestamp now(const Context& context) override { return inner_->now(context); }
  void read(std::span<const AddressView> addresses, std::span<std::optional<Record>> records,
            Detail detail, const Context& context) override {
    inner_->read(addresses, records, detail, context);
  }
  [[nodiscard]] std::optional<std::size_t> write(std::span<const WriteOp> ops,
                                                 std::span<WriteResult> results,
                                                 const Context& context) override {
    return inner_->write(ops, results, context);
  }
  void scan(const ScanRequest& request, const RowSink& sink, const Context& context) override {
    inner_->scan(request, sink, context);
  }
  [[nodiscard]] std::uint64_t count(const Scope& scope, const Context& context) override {
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
  [[nodiscard]] MemoryStats stats(const Context& context) override {
    return inner_->stats(context);
  }
  void probe(const Context& context) override { inner_->probe(context); }
  [[nodiscard]] Revision stable_revision(const Context& context) override {
    return inner_->stable_revision(context);
  }
  [[nodiscard]] ChangePage changes(Revision after, std::size_t limit,
                                   const Context& context) override {
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
  [[nodiscard]] std::optional<bool> resolve(const CommitToken& token,
                                            const Context& context) override {
    return inner_->resolve(token, context);
  }
  [[nodiscard]] Maintenance* maintenance() noexcept override { return inner_->maintenance(); }
  [[nodiscard]] SearchIndex* search_index() noexcept override { return inner_->search_index(); }
  void close() override {
    if (closes_) inner_->close();
  }

 private:
  std::shared_ptr<Backend> inner_;
  bool closes_;
};

}  // namespace holdfast::mirror
