// The in-memory store as a `Backend`.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>

#include "holdfast/backend.hpp"
#include "holdfast/in_memory.hpp"
#include "search.hpp"
#include "store.hpp"

namespace holdfast::in_memory {

class InMemoryBackend final : public Backend {
 public:
  explicit InMemoryBackend(const InMemoryOptions& options);

  [[nodiscard]] std::string name() const override { return "in_memory"; }
  [[nodiscard]] Capabilities capabilities() const override;
  [[nodiscard]] Timestamp now(const Context& context) override;

  void read(std::span<const AddressView> addresses, std::span<std::optional<Record>> records,
            Detail detail, const Context& context) override;
  [[nodiscard]] std::optional<std::size_t> write(std::span<const WriteOp> ops,
                                                 std::span<WriteResult> results,
                                                 const Context& context) override;
  void scan(const ScanRequest& request, const RowSink& sink, const Context& context) override;
  [[nodiscard]] std::uint64_t count(const Scope& scope, const Context& context) override;
  std::uint64_t clear(const Scope& scope, const Context& context) override;
  void scan_namespaces(const Namespace& root, const std::optional<std::string>& after,
                       const NamespaceSink& sink, const Context& context) override;

  std::size_t sweep(std::size_t max_entries, const Context& context) override;
  [[nodiscard]] MemoryStats stats(const Context& context) override;
  void probe(const Context& context) override;

  [[nodiscard]] Revision stable_revision(const Context& context) override;
  [[nodiscard]] ChangePage changes(Revision after, std::size_t limit,
                                   const Context& context) override;
  void restore(const RestoreBatch& batch, std::span<RestoreStatus> statuses,
               const Context& context) override;
  [[nodiscard]] std::optional<std::string> note(std::string_view name,
                                                const Context& context) override;
  SubjectErasure erase_subject(const Scope& scope, const Context& context) override;
  [[nodiscard]] std::optional<bool> resolve(const CommitToken& token,
                                            const Context& context) override;
  [[nodiscard]] Maintenance* maintenance() noexcept override { return nullptr; }
  [[nodiscard]] SearchIndex* search_index() noexcept override { return search_.get(); }
  void close() override;

 private:
  void read_one(const AddressView& address, std::optional<Record>& record, Detail detail,
                const Context& context);
  // What lies in a block for a reader, where the shard is locked.
  void take(EntryBlock* block, std::optional<Record>& record, Detail detail, std::int64_t now_ms);

  std::unique_ptr<Store> store_;
  std::unique_ptr<InMemorySearch> search_;
};

}  // namespace holdfast::in_memory
