// Keeps the search index in step with what is written.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "arguments.hpp"
#include "holdfast/backend.hpp"
#include "search_state.hpp"
#include "write_call.hpp"

namespace holdfast::postgresql {

// Whether it may leave another value than before, or one where there was none.
[[nodiscard]] inline bool may_leave_entry(const WriteOp& op) noexcept {
  return op.kind == WriteOp::Kind::set || op.kind == WriteOp::Kind::increment;
}
[[nodiscard]] inline bool may_leave_entry(const RestoreOp& op) noexcept {
  return op.kind != RestoreOp::Kind::erase;
}

// What a write left at an address. Of an entry that it created, all that the index needs is known.
struct WrittenEntry {
  AddressView address;
  const MemoryValue* value = nullptr;  // Null: to be read, with the rest; there may be none.
  Revision created_revision = 0;
  Timestamp created_at{};
};

// What the operations, whose addresses differ from one another, left.
[[nodiscard]] std::vector<WrittenEntry> entries_written(std::span<const WriteOp> ops,
                                                        std::span<const WriteResult> results,
                                                        std::int64_t instant);
// The same for any; addresses come once.
[[nodiscard]] std::vector<WrittenEntry> addresses_written(std::span<const WriteOp> ops,
                                                          std::span<const WriteResult> results);
[[nodiscard]] std::vector<WrittenEntry> entries_restored(const RestoreBatch& batch,
                                                         std::span<const RestoreStatus> statuses);

// Of `entry`: what a document is made of.
#define HOLDFAST_POSTGRESQL_INDEXED_COLUMNS "e.namespace, e.created_revision, e.created_at, e.value"

// Documents on their way into the index, and texts whose vectors are awaited.
class DocumentArguments {
 public:
  // Of an entry that a configuration governs.
  void add(const search::ConfiguredNamespace& configured, std::string_view ns, Revision created,
           Timestamp created_at, const MemoryValue& value);
  [[nodiscard]] bool empty() const noexcept { return count_ == 0; }
  // A row of the columns above, as the configuration has it that governs its namespace, if that
  // keeps documents.
  void add(const Rows& rows, std::size_t row, const SearchState& state);
  // The arguments of search_put; then there are none.
  [[nodiscard]] Arguments take(std::int64_t generation);

 private:
  void add(const IndexedDocument& document);

  std::size_t count_ = 0;
  bool awaits_ = false;  // Whether vectors are kept of any.
  ArrayText namespaces_, created_, lengths_, terms_, counts_, texts_;
};

// Safe to use from many threads.
class IndexWriter {
 public:
  IndexWriter(const Store& store, SearchStates& states);

  struct Write {
    // Does it, and gives what it left; empty: it is to be undone, and nothing more to be done.
    std::function<std::optional<std::vector<WrittenEntry>>()> run;
    // Namespaces in which it may leave entries.
    std::function<std::vector<std::string_view>()> namespaces;
    bool needs_transaction = false;  // Even where nothing is configured.
  };
  // Runs a write, in one transaction with what it changes in the index; again where others have
  // changed what is configured.
  void run(Connection& connection, const Write& write, const Context& context);

  void put(Connection& connection, Arguments documents, const Context& context) const;

 private:
  void attempt(Connection& connection, const SearchState& state, const Write& write,
               const Context& context) const;
  void keep_in_step(Connection& connection, const SearchState& state,
                    const std::vector<WrittenEntry>& written, const Context& context) const;

  SearchStates& states_;
  const Statement read_back_;
  const Statement put_;
};

}  // namespace holdfast::postgresql
