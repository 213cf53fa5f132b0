/// @file
/// `MapBackend`: a whole backend in one `std::map` behind one mutex, as an example to start from.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "holdfast/backend.hpp"

namespace example {

/// Orders owning addresses and views alike, by namespace and key, bytewise.
struct AddressLess {
  using is_transparent = void;

  static holdfast::AddressView view(const holdfast::Address& address) {
    return {address.ns.text(), address.key};
  }
  static holdfast::AddressView view(const holdfast::AddressView& address) { return address; }

  template <typename A, typename B>
  bool operator()(const A& a, const B& b) const {
    return view(a) < view(b);
  }
};

/// Keeps everything in the process, one operation at a time. `count`, `stats` and listings walk
/// the map, so this is for small stores. It has no change log, no `restore`, no limits and no
/// upkeep, and says so in its capabilities.
class MapBackend final : public holdfast::Backend {
 public:
  /// @param clock the store's only source of time.
  explicit MapBackend(std::shared_ptr<holdfast::Clock> clock);

  std::string name() const override;
  holdfast::Capabilities capabilities() const override;
  holdfast::Timestamp now(const holdfast::Context& context) override;

  void read(std::span<const holdfast::AddressView> addresses,
            std::span<std::optional<holdfast::Record>> records, holdfast::Detail detail,
            const holdfast::Context& context) override;
  std::optional<std::size_t> write(std::span<const holdfast::WriteOp> ops,
                                   std::span<holdfast::WriteResult> results,
                                   const holdfast::Context& context) override;

  void scan(const holdfast::ScanRequest& request, const holdfast::RowSink& sink,
            const holdfast::Context& context) override;
  std::uint64_t count(const holdfast::Scope& scope, const holdfast::Context& context) override;
  std::uint64_t clear(const holdfast::Scope& scope, const holdfast::Context& context) override;
  void scan_namespaces(const holdfast::Namespace& root, const std::optional<std::string>& after,
                       const holdfast::NamespaceSink& sink,
                       const holdfast::Context& context) override;

  std::size_t sweep(std::size_t max_entries, const holdfast::Context& context) override;
  holdfast::MemoryStats stats(const holdfast::Context& context) override;
  void probe(const holdfast::Context& context) override;

  holdfast::Revision stable_revision(const holdfast::Context& context) override;
  holdfast::ChangePage changes(holdfast::Revision after, std::size_t limit,
                               const holdfast::Context& context) override;
  void restore(const holdfast::RestoreBatch& batch, std::span<holdfast::RestoreStatus> statuses,
               const holdfast::Context& context) override;
  [[nodiscard]] std::optional<std::string> note(std::string_view name,
                                                const holdfast::Context& context) override;
  holdfast::SubjectErasure erase_subject(const holdfast::Scope& scope,
                                         const holdfast::Context& context) override;
  std::optional<bool> resolve(const holdfast::CommitToken& token,
                              const holdfast::Context& context) override;
  holdfast::Maintenance* maintenance() noexcept override;
  holdfast::SearchIndex* search_index() noexcept override;
  void close() override;

 private:
  using Entries = std::map<holdfast::Address, holdfast::Record, AddressLess>;
  using Row = std::pair<const holdfast::Address*, const holdfast::Record*>;
  class Undo;

  // All of these are called with `mutex_` held.
  holdfast::Record* find_live(holdfast::AddressView address, holdfast::Timestamp instant);
  std::vector<Row> live_rows(const holdfast::Scope& scope, holdfast::Timestamp instant) const;
  holdfast::WriteResult apply(const holdfast::WriteOp& op, holdfast::Timestamp instant, Undo& undo);
  void put(const holdfast::WriteOp& op, const holdfast::MemoryValue& value,
           std::optional<holdfast::Timestamp> expires_at, holdfast::Timestamp instant, Undo& undo,
           holdfast::WriteResult& result);
  void add(const holdfast::WriteOp& op, holdfast::Timestamp instant, Undo& undo,
           holdfast::WriteResult& result);

  std::shared_ptr<holdfast::Clock> clock_;
  std::mutex mutex_;
  Entries entries_;  ///< Expired ones too, until they are overwritten or swept.
  holdfast::Revision last_revision_ = 0;
  std::uint64_t reclaimed_ = 0;  ///< Expired entries that were swept.
};

}  // namespace example
