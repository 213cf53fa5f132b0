// What one write transaction does to the tables, and the counters it keeps meanwhile.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "catalog_cache.hpp"
#include "connection.hpp"
#include "holdfast/backend.hpp"
#include "index_writer.hpp"
#include "reader.hpp"
#include "rows.hpp"
#include "vector_writer.hpp"

namespace holdfast::sqlite {

// Values above this many bytes lie in a table of their own (docs/design/0004-the-sqlite-store.md).
inline constexpr std::size_t large_value_bytes = 1500;

struct WriteRules {
  std::optional<std::uint64_t> max_entries{};
  std::optional<std::uint64_t> max_bytes{};
  std::uint64_t max_value_bytes = holdfast::max_value_bytes;
  // How far ahead of the counter revisions are reserved; 0: they need not be, as every commit is
  // durable.
  Revision reserve = 0;
};

// Lives as long as its connection, from transaction to transaction, so that what nobody else
// changed need not be read again. For one thread at a time; the caller has begun a transaction of
// SQLite's, and ends it. When a function throws, the transaction or its part since mark() is to be
// rolled back.
class WriteTransaction {
 public:
  WriteTransaction(Connection& connection, const WriteRules& rules, CatalogCache& catalogs);

  // After BEGIN. `known`: nobody else has written since end_committed().
  void start(bool known);
  // Writes the counters; COMMIT comes next.
  void flush(std::int64_t nonce);
  void end_committed();
  void end_rolled_back() noexcept;

  // As Backend::write. When it returns an index, what was changed is to be rolled back.
  [[nodiscard]] std::optional<std::size_t> apply(std::span<const WriteOp> ops,
                                                 std::span<WriteResult> results, Timestamp now);
  [[nodiscard]] std::uint64_t clear(const Scope& scope, Timestamp now);
  [[nodiscard]] std::size_t sweep(std::size_t max_entries, Timestamp now);
  // As `clear`, without a trace in the change log, not even of what went earlier. What it erases is
  // overwritten.
  [[nodiscard]] std::uint64_t erase_subject(const Scope& scope, Timestamp now);
  // As Backend::restore; in a file of its own, write_restore.cpp.
  void restore(const RestoreBatch& batch, std::span<RestoreStatus> statuses, Timestamp now);
  // As those of SearchIndex; in write_index.cpp.
  [[nodiscard]] bool configure_search(const Namespace& ns, const SearchConfig* config,
                                      const Context& context);
  [[nodiscard]] std::uint64_t reindex(const Namespace& ns, const Context& context);
  // Likewise; in write_vectors.cpp.
  [[nodiscard]] std::uint64_t put_vectors(std::span<const VectorRow> vectors, Timestamp now);
  void set_change_log(bool on);
  // Makes the commit write something.
  void touch_nonce() noexcept { ledger_.changes += 1; }

  [[nodiscard]] bool has_notes();
  // At the namespace or below it.
  [[nodiscard]] bool has_search_configurations(const Namespace& ns) const;

  // Grows with every change.
  [[nodiscard]] std::uint64_t changes() const noexcept { return ledger_.changes; }
  [[nodiscard]] bool changed() const noexcept { return ledger_.changes != 0; }
  // Whether text was taken out of the tables.
  [[nodiscard]] bool erased() const noexcept { return ledger_.erased; }
  [[nodiscard]] std::uint64_t expired() const noexcept { return ledger_.expired; }
  [[nodiscard]] const StoreState& state() const noexcept { return ledger_.state; }
  // Whether this commit moves the reservation, and so must be made durable.
  [[nodiscard]] bool reserves() const noexcept { return reserves_; }

 private:
  struct NamespaceRow {
    std::int64_t id = 0;  // 0: has no row yet.
    std::int64_t entries = 0;
    std::int64_t bytes = 0;
    bool changed = false;
  };
  struct Ledger {
    StoreState state;
    std::shared_ptr<const search::SearchCatalog> catalog;  // Null: is to be read.
    std::int64_t catalog_generation = 0;
    std::map<std::string, NamespaceRow, std::less<>> namespaces;
    std::uint64_t changes = 0;
    std::uint64_t expired = 0;  // Rows of expired entries that were reclaimed.
    std::int64_t expired_bytes = 0;
    bool erased = false;
  };
  struct Existing {
    bool found = false;
    Row row{};
    std::optional<std::int64_t> large_value{};
    bool live = false;
  };
  struct Totals {
    std::int64_t entries = 0;
    std::int64_t bytes = 0;
    std::int64_t expired = 0;
    std::int64_t expired_bytes = 0;
  };

 public:
  // A place to come back to within the transaction.
  class Mark {
    friend class WriteTransaction;
    Ledger ledger;
  };
  [[nodiscard]] Mark mark();
  void release(const Mark& mark);
  void roll_back_to(Mark mark);

 private:
  void read_catalog();
  void write_namespaces();
  [[nodiscard]] NamespaceRow& namespace_row(std::string_view path);
  void give_row(std::string_view path, NamespaceRow& ns);
  [[nodiscard]] Existing find(const NamespaceRow& ns, std::string_view key, Timestamp now);
  [[nodiscard]] MemoryValue value_at(const NamespaceRow& ns, std::string_view key);
  [[nodiscard]] Record record_at(const NamespaceRow& ns, std::string_view key, const Row& row);

  void apply_one(const WriteOp& op, WriteResult& result, Timestamp now);
  void apply_set(const WriteOp& op, NamespaceRow& ns, const Existing& old, WriteResult& result,
                 Timestamp now);
  void apply_erase(const WriteOp& op, NamespaceRow& ns, const Existing& old, WriteResult& result);
  void apply_increment(const WriteOp& op, NamespaceRow& ns, const Existing& old,
                       WriteResult& result, Timestamp now);
  void apply_touch(const WriteOp& op, NamespaceRow& ns, const Existing& old, WriteResult& result,
                   Timestamp now);

  struct RestoredRevisions {
    Revision created = 0;
    Revision last = 0;  // Of a removal: 0 where it is not logged.
  };
  [[nodiscard]] RestoreStatus restore_one(const RestoreOp& op, const RestoredRevisions& revisions,
                                          bool keep, Timestamp now);
  void go_on_after(Revision revision);
  void put_note(const Note& note);

  // Puts `row`, with `size` still to be computed, and `value` at an address.
  void put(const AddressView& address, NamespaceRow& ns, const Existing& old, Row row,
           std::string_view value);
  void put_row(std::int64_t id, std::string_view key, const Existing& old, const Row& row,
               std::optional<std::int64_t> large_value, std::string_view value);
  [[nodiscard]] std::optional<std::int64_t> put_large_value(std::optional<std::int64_t> old,
                                                            std::string_view value);
  void remove(const AddressView& address, NamespaceRow& ns, const Existing& old,
              Revision tombstone);
  [[nodiscard]] std::size_t reclaim(std::size_t max_entries, Timestamp now);

  // The document of an address, before its row changes: becomes that of `row` and `value`, or goes
  // where `row` is null.
  void change_document(const AddressView& address, const NamespaceRow& ns, const Existing& old,
                       const Row* row, std::string_view value);
  void leave_index_behind(const search::ConfiguredNamespace& governing, std::int64_t namespace_id);
  [[nodiscard]] std::vector<PlacedNamespace> namespaces_below(const Namespace& ns);
  [[nodiscard]] std::uint64_t put_catalog(const Namespace& ns,
                                          std::shared_ptr<const search::SearchCatalog> catalog,
                                          const Context& context);
  void index_namespace(std::int64_t namespace_id, const search::ConfiguredNamespace& governing,
                       const Context& context);
  // Null: there is no entry.
  void change_vector(const SearchConfig& config, std::int64_t namespace_id, const Record* before,
                     const Record* after);
  void leave_vectors_behind(std::int64_t namespace_id, const search::ConfiguredNamespace* before,
                            const search::ConfiguredNamespace* after);
  void settle_vector(const SearchConfig& config, std::int64_t namespace_id, Revision created,
                     const MemoryValue& value);
  void count(NamespaceRow& ns, std::int64_t entries, std::int64_t bytes);
  void count_expired(std::int64_t size);
  [[nodiscard]] Revision next_revision();
  [[nodiscard]] std::uint64_t clear_namespace(const std::string& path, Timestamp now);
  [[nodiscard]] std::vector<std::string> paths_of(const Scope& scope);

  [[nodiscard]] Totals totals() const noexcept;
  [[nodiscard]] bool exceeds_limits(const Totals& before) const noexcept;
  void enforce_limits(const Totals& before, Timestamp now);

  Connection& connection_;
  const WriteRules rules_;
  CatalogCache& catalogs_;
  IndexWriter index_;
  VectorWriter vectors_;
  Ledger ledger_;
  bool adopted_reservation_ = false;
  bool reserves_ = false;

  Statement read_state_;
  Statement write_state_;
  Statement find_namespace_;
  Statement insert_namespace_;
  Statement update_namespace_;
  Statement delete_namespace_;
  Statement find_entry_;
  Statement find_value_;
  Statement insert_entry_;
  Statement update_value_;
  Statement update_deadline_;
  Statement update_all_;
  Statement delete_entry_;
  Statement insert_large_value_;
  Statement update_large_value_;
  Statement delete_large_value_;
  Statement list_expired_;
  Statement insert_tombstone_;
  Statement delete_tombstone_;
};

}  // namespace holdfast::sqlite
