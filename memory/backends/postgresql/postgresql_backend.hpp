// The backend: hands calls to the reader, the scans and the writer, each on a connection of the
// pool, and repeats reads whose connection was lost.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "holdfast/backend.hpp"
#include "holdfast/postgresql.hpp"
#include "index_writer.hpp"
#include "reader.hpp"
#include "search.hpp"
#include "search_state.hpp"
#include "set_call.hpp"
#include "store.hpp"
#include "write_call.hpp"
#include "writer.hpp"

namespace holdfast::postgresql {

class PostgresqlBackend final : public Backend {
 public:
  explicit PostgresqlBackend(const PostgresqlOptions& options);
  ~PostgresqlBackend() override;

  [[nodiscard]] std::string name() const override { return "postgresql"; }
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
  [[nodiscard]] Maintenance* maintenance() noexcept override { return nullptr; }
  [[nodiscard]] SearchIndex* search_index() noexcept override { return &search_; }
  void close() override;

 private:
  void open_store();
  void writing(const Writer::Write& write, const Context& context);

  [[nodiscard]] std::optional<std::size_t> write_distinct(std::span<const WriteOp> ops,
                                                          std::span<const std::int64_t> ranks,
                                                          std::span<WriteResult> results,
                                                          const Context& context);
  [[nodiscard]] std::optional<std::size_t> write_in_stretches(std::span<const WriteOp> ops,
                                                              std::span<WriteResult> results,
                                                              const Context& context);
  [[nodiscard]] WriteOutcome call_write(Connection& connection, std::span<const WriteOp> ops,
                                        std::span<const std::int64_t> ranks,
                                        std::span<WriteResult> results,
                                        const Context& context) const;
  // How a batch is tried: sets have a way of their own, once, after which it is the general one.
  struct Way {
    bool by_sets = false;
    bool kept_by_sets = false;  // What the session then has.
  };
  [[nodiscard]] WriteOutcome call_sets_or_write(Connection& connection,
                                                std::span<const WriteOp> ops,
                                                std::span<const std::int64_t> ranks,
                                                std::span<WriteResult> results, Way& way,
                                                const Context& context) const;
  [[nodiscard]] std::optional<std::size_t> apply_stretches(Connection& connection,
                                                           std::span<const WriteOp> ops,
                                                           std::span<WriteResult> results,
                                                           WriteOutcome& outcome,
                                                           const Context& context) const;
  [[nodiscard]] WriteOutcome write_all_stretches(Connection& connection,
                                                 std::span<const WriteOp> ops,
                                                 std::span<WriteResult> results,
                                                 const Context& context) const;
  void add_limits(Arguments& arguments, bool with_limits) const;
  [[nodiscard]] WriteOutcome call_restore(Connection& connection, const RestoreBatch& batch,
                                          std::span<RestoreStatus> statuses,
                                          const Context& context) const;
  // Erases all of a scope in one step; says how many live entries went.
  std::uint64_t take_out(const Scope& scope, bool traceless, const Context& context);
  void forget_names(const Scope& scope, SubjectErasure& erasure, const Context& context);
  void rewrite_tables(SubjectErasure& erasure, const Context& context);
  void took(const WriteOutcome& outcome) noexcept;

  Store store_;
  const Reader reader_;
  Writer writer_;
  SearchStates search_states_;
  IndexWriter index_writer_;
  PostgresqlSearch search_;
  const SetCall set_call_;
  const Statement write_one_;
  const Statement write_many_;
  const Statement clear_;
  const Statement sweep_;
  const Statement restore_;
  const Statement enforce_limits_;
  const Statement probe_;
  const Statement touch_session_;
  Capabilities capabilities_;
  bool closed_ = false;
};

}  // namespace holdfast::postgresql
