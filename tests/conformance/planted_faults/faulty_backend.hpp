// A backend that does one thing wrong.
#pragma once

#include <memory>
#include <string>

#include "holdfast/backend.hpp"

namespace holdfast::conformance {

// Forwards everything to a sound backend, but for the fault that its name stands for:
// planted_faults_test.cpp lists them. Without a fault it is sound itself.
class FaultyBackend : public Backend {
 public:
  FaultyBackend(std::unique_ptr<Backend> sound, std::string fault);

  std::string name() const override { return sound_->name(); }
  Capabilities capabilities() const override { return sound_->capabilities(); }
  Timestamp now(const Context& context) override { return sound_->now(context); }
  void read(std::span<const AddressView> addresses, std::span<std::optional<Record>> records,
            Detail detail, const Context& context) override;
  std::optional<std::size_t> write(std::span<const WriteOp> ops, std::span<WriteResult> results,
                                   const Context& context) override;
  void scan(const ScanRequest& request, const RowSink& sink, const Context& context) override;
  std::uint64_t count(const Scope& scope, const Context& context) override;
  std::uint64_t clear(const Scope& scope, const Context& context) override;
  void scan_namespaces(const Namespace& root, const std::optional<std::string>& after,
                       const NamespaceSink& sink, const Context& context) override;
  std::size_t sweep(std::size_t max_entries, const Context& context) override {
    return sound_->sweep(max_entries, context);
  }
  MemoryStats stats(const Context& context) override;
  void probe(const Context& context) override { sound_->probe(context); }
  Revision stable_revision(const Context& context) override {
    return sound_->stable_revision(context);
  }
  ChangePage changes(Revision after, std::size_t limit, const Context& context) override;
  void restore(const RestoreBatch& batch, std::span<RestoreStatus> statuses,
               const Context& context) override;
  [[nodiscard]] std::optional<std::string> note(std::string_view name,
                                                const Context& context) override {
    return sound_->note(name, context);
  }
  SubjectErasure erase_subject(const Scope& scope, const Context& context) override;
  std::optional<bool> resolve(const CommitToken& token, const Context& context) override {
    return sound_->resolve(token, context);
  }
  Maintenance* maintenance() noexcept override { return sound_->maintenance(); }
  SearchIndex* search_index() noexcept override { return sound_->search_index(); }
  void close() override { sound_->close(); }

 protected:
  [[nodiscard]] bool has(std::string_view fault) const { return fault_ == fault; }

 private:
  void spoil(Record& record) const;
  void read_torn(std::span<const AddressView> addresses, std::span<std::optional<Record>> records,
                 Detail detail, const Context& context);
  [[nodiscard]] std::vector<WriteOp> spoiled(std::span<const WriteOp> ops) const;
  std::optional<std::size_t> write_one_by_one(std::span<const WriteOp> ops,
                                              std::span<WriteResult> results,
                                              const Context& context);
  std::optional<std::size_t> increment_without_deadline(const WriteOp& op, WriteResult& result,
                                                        const Context& context);
  void scan_by_clock(const ScanRequest& request, const RowSink& sink, const Context& context);
  void scan_by_text_prefix(const ScanRequest& request, const RowSink& sink, const Context& context);

  std::unique_ptr<Backend> sound_;
  std::string fault_;
};

}  // namespace holdfast::conformance
