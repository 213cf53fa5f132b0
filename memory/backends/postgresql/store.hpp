// What every part of one handle's backend works with.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "connection.hpp"
#include "holdfast/entry.hpp"
#include "holdfast/postgresql.hpp"
#include "pool.hpp"
#include "process_mark.hpp"
#include "rows.hpp"

namespace holdfast::postgresql {

[[nodiscard]] inline Timestamp to_timestamp(std::int64_t ms) {
  return Timestamp(std::chrono::milliseconds(ms));
}
[[nodiscard]] inline std::int64_t to_ms(Timestamp timestamp) {
  return timestamp.time_since_epoch().count();
}

// Which instant calls take for now: the context's, that of the injected clock, or the server's,
// where the handle has not seen a later one. Safe to use from many threads.
class Instants {
 public:
  explicit Instants(std::shared_ptr<Clock> clock);
  // The two arguments of the function `instant`: what it shall take, or NULL, and the least that it
  // may take from the server's clock.
  void add_to(Arguments& arguments, const Context& context) const;
  // The least that may be taken from the server's clock.
  [[nodiscard]] std::int64_t floor() const noexcept { return latest_ms_.load(); }
  // An instant that the server has given.
  void saw(std::int64_t ms) noexcept;
  [[nodiscard]] bool asks_server(const Context& context) const noexcept;
  // Where the server is not asked.
  [[nodiscard]] Timestamp local(const Context& context) const;

 private:
  std::shared_ptr<Clock> clock_;
  std::atomic<std::int64_t> latest_ms_{0};
};

struct Store {
  explicit Store(const PostgresqlOptions& given, const PoolOptions& pool_options)
      : options(given), instants(given.clock), pool(pool_options) {}

  // Throws PermissionDenied where the handle may not write.
  void refuse_where_read_only() const;
  // `sql` in the store's schema, prepared under `name`.
  [[nodiscard]] Statement statement(std::string name, std::string_view sql) const;
  // The same, for those that are called often: past libpqxx.
  [[nodiscard]] Statement binary_statement(std::string name, std::string_view sql) const;

  const PostgresqlOptions options;
  const ProcessMark process{};
  std::vector<Path> indexed_paths{};
  Instants instants;
  std::atomic<std::uint64_t> expired{0};
  // Whether anything but restore is known to have written; that does not change back.
  std::atomic<bool> was_written{false};
  // The greatest revision that was found stable. It stays so, though the server tells less while a
  // writer that has just begun does not yet have its revisions.
  std::atomic<Revision> stable{0};
  Pool pool;
};

// The columns of `entry` as `fill_record` expects them.
#define HOLDFAST_POSTGRESQL_RECORD_COLUMNS \
  "e.revision, e.created_revision, e.created_at, e.updated_at, e.expires_at"
inline constexpr std::size_t record_columns = 5;
inline constexpr std::size_t expires_at_column = 4;  // Among them.

// Leaves the value alone.
void fill_record(Record& record, const Rows& rows, std::size_t row, std::size_t column);

}  // namespace holdfast::postgresql
