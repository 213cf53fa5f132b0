// The backend: reads go to the pool, writes to the queue.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "catalog_cache.hpp"
#include "holdfast/backend.hpp"
#include "holdfast/sqlite.hpp"
#include "open_file.hpp"
#include "reader_pool.hpp"
#include "search/vector_cache.hpp"
#include "write_queue.hpp"
#include "writer.hpp"

namespace holdfast::sqlite {

class SqliteBackend final : public Backend, public Maintenance, public SearchIndex {
 public:
  explicit SqliteBackend(const SqliteOptions& options);
  ~SqliteBackend() override;

  [[nodiscard]] std::string name() const override { return "sqlite"; }
  [[nodiscard]] Capabilities capabilities() const override { return capabilities_; }
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
  [[nodiscard]] Maintenance* maintenance() noexcept override { return this; }
  [[nodiscard]] SearchIndex* search_index() noexcept override {
    return capabilities_.search ? this : nullptr;
  }
  void close() override;

  void backup(const std::string& path, const OnProgress& on_progress,
              const Context& context) override;
  void compact(const Context& context) override;
  [[nodiscard]] IntegrityReport check_integrity(const Context& context) override;
  void checkpoint(const Context& context) override;

  [[nodiscard]] std::vector<SearchConfiguration> configurations(const Context& context) override;
  bool configure(const Namespace& ns, const SearchConfig* config, const Context& context) override;
  void search(const SearchRequest& request, const RankedSink& sink,
              const Context& context) override;
  std::uint64_t reindex(const Namespace& ns, const Context& context) override;
  [[nodiscard]] SearchCheck check(const Namespace& ns, const Context& context) override;
  std::uint64_t put_vectors(std::span<const VectorRow> vectors, const Context& context) override;
  void without_vector(const Scope& scope, const EntrySink& sink, const Context& context) override;
  void vectors(const Scope& scope, const VectorSink& sink, const Context& context) override;
  void nearest(const VectorRequest& request, const RankedSink& sink,
               const Context& context) override;

 private:
  void open_for_reading();
  void refuse_where_read_only() const;
  // What every call begins with.
  void check_usable(const Context& context) const;
  // Runs `body` on a reader and translates what it throws.
  template <typename Body>
  auto reading(const Context& context, Body&& body);
  void writing(const Context& context, bool may_undo, const WriteQueue::Body& body);
  // Runs `body` in a transaction that nobody shares.
  void writing_alone(const Context& context, const std::function<void(WriteTransaction&)>& body);
  [[nodiscard]] MemoryValue details(Reader& reader);

  const SqliteOptions options_;
  const std::shared_ptr<Clock> clock_;
  std::unique_ptr<OpenFile> file_;
  ConnectionOptions reader_connection_;
  CatalogCache catalogs_;
  search::VectorCache vectors_;
  std::unique_ptr<Writer> writer_;
  std::unique_ptr<WriteQueue> queue_;
  std::unique_ptr<ReaderPool> readers_;
  Capabilities capabilities_;
  std::atomic<std::uint64_t> expired_{0};
};

}  // namespace holdfast::sqlite
