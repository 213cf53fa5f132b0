// Everything that is read, but for scans: each on one connection, from one state.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "holdfast/backend.hpp"
#include "store.hpp"

namespace holdfast::postgresql {

// Safe to use from many threads, each with a connection of its own.
class Reader {
 public:
  explicit Reader(Store& store);

  void read(Connection& connection, std::span<const AddressView> addresses,
            std::span<std::optional<Record>> records, Detail detail, const Context& context) const;
  [[nodiscard]] std::uint64_t count(Connection& connection, const Scope& scope,
                                    const Context& context) const;
  // Fills entries, bytes, namespaces and last_revision.
  void stats(Connection& connection, MemoryStats& stats, const Context& context) const;
  // Facts of the server, for `MemoryStats::details`.
  [[nodiscard]] MemoryValue details(Connection& connection, const Context& context) const;
  [[nodiscard]] Timestamp now(Connection& connection, const Context& context) const;
  [[nodiscard]] Revision stable_revision(Connection& connection, const Context& context) const;
  [[nodiscard]] ChangePage changes(Connection& connection, Revision after, std::size_t limit,
                                   const Context& context) const;
  [[nodiscard]] std::optional<std::string> note(Connection& connection, std::string_view name,
                                                const Context& context) const;
  // Whether anything but restore has written.
  [[nodiscard]] bool was_written(Connection& connection, const Context& context) const;
  [[nodiscard]] bool change_log(Connection& connection, const Context& context) const;

 private:
  void read_one(Connection& connection, const AddressView& address, std::optional<Record>& record,
                Detail detail, const Context& context) const;

  [[nodiscard]] Rows look_up(Connection& connection, std::span<const AddressView> addresses,
                             bool with_value, const Context& context) const;
  [[nodiscard]] std::optional<std::int64_t> own_instant(const Context& context) const;

  Store& store_;
  const Statement get_;
  const Statement get_without_value_;
  const Statement get_many_;
  const Statement get_many_without_value_;
  const Statement get_keys_;
  const Statement get_keys_without_value_;
  const Statement count_;
  const Statement count_one_;
  const Statement stats_;
  const Statement details_;
  const Statement now_;
  const Statement stable_revision_;
  const Statement changes_;
  const Statement note_;
  const Statement change_log_;
  const Statement was_written_;
};

}  // namespace holdfast::postgresql
