// Everything that is read: on one connection, from one state of the file at a time.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "connection.hpp"
#include "holdfast/backend.hpp"
#include "rows.hpp"

namespace holdfast::sqlite {

// The counter row.
struct StoreState {
  Revision last_revision = 0;
  Revision reserved_revision = 0;
  std::int64_t entries = 0;
  std::int64_t bytes = 0;
  std::int64_t commit_nonce = 0;
  bool change_log = false;
  bool restored_only = true;
};

[[nodiscard]] StoreState read_state(Statement& statement);
inline constexpr std::string_view state_sql =
    "SELECT last_revision, reserved_revision, entries, bytes, commit_nonce, change_log, "
    "restored_only FROM counter WHERE id = 1";

struct ExpiredTotals {
  std::int64_t entries = 0;
  std::int64_t bytes = 0;
};

// For one thread at a time.
class Reader {
 public:
  Reader(const std::string& path, const ConnectionOptions& options);

  void read(std::span<const AddressView> addresses, std::span<std::optional<Record>> records,
            Detail detail, Timestamp now);
  void scan(const ScanRequest& request, const RowSink& sink, Timestamp now, const Context& context);
  [[nodiscard]] std::uint64_t count(const Scope& scope, Timestamp now);
  void scan_namespaces(std::string_view root, const std::optional<std::string>& after,
                       const NamespaceSink& sink, Timestamp now, const Context& context);
  // Fills entries, bytes, namespaces and last_revision.
  void stats(MemoryStats& stats, Timestamp now);
  [[nodiscard]] StoreState state();
  [[nodiscard]] ChangePage changes(Revision after, std::size_t limit, Timestamp now,
                                   const Context& context);
  [[nodiscard]] std::optional<std::string> note(std::string_view name);
  [[nodiscard]] Connection& connection() noexcept { return connection_; }

 private:
  // Keeps all statements of the connection on one state of the file while it lives: a transaction
  // lasts as long as one of its statements has not been reset. Not to be nested.
  class Snapshot {
   public:
    explicit Snapshot(Statement& hold) : use_(hold) { static_cast<void>(hold.step()); }

   private:
    Using use_;
  };
  struct Head;
  class Delivery;

  [[nodiscard]] std::optional<Record> find(const AddressView& address, Detail detail,
                                           Timestamp now);
  [[nodiscard]] std::unordered_map<std::int64_t, ExpiredTotals> expired_by_namespace(Timestamp now);
  [[nodiscard]] Statement& scan_statement(const ScanShape& shape);
  void scan_in_snapshot(const ScanRequest& request, const RowSink& sink, Timestamp now,
                        const Context& context);
  void scan_by_key(const ScanRequest& request, Delivery& delivery);
  bool scan_keys_of(std::int64_t id, std::string_view path, const ScanRequest& request,
                    Delivery& delivery);
  void scan_by_revision(const ScanRequest& request, Delivery& delivery);
  [[nodiscard]] std::vector<Head> heads_of(const ScanRequest& request, Revision from);
  void merge(std::vector<Head> heads, const ScanRequest& request, Delivery& delivery);

  Connection connection_;
  Statement hold_snapshot_;
  Statement find_record_;
  Statement find_live_;
  Statement find_large_value_;
  Statement list_namespaces_;
  Statement list_namespaces_descending_;
  Statement any_expired_;
  std::array<std::unique_ptr<Statement>, ScanShape::count> scans_;
};

}  // namespace holdfast::sqlite
