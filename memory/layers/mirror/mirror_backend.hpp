// The backend behind a mirror's handles.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "mirror_search.hpp"
#include "mirror_state.hpp"

namespace holdfast::mirror {

// Reads go to the active store. Writes go there too, and while that is the source, the destination
// is made equal before they return.
class MirrorBackend final : public Backend {
 public:
  explicit MirrorBackend(std::shared_ptr<Mirror::State> state);

  [[nodiscard]] std::string name() const override { return "mirror"; }
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
  // The stores are closed with the last handle and the mirror.
  void close() override {
    search_.reset();
    state_.reset();
  }

 private:
  // Runs a write of the active store; where its outcome is not known, the addresses are behind.
  template <typename Write>
  auto writing(const std::vector<Address>& addresses, Write&& write);

  std::shared_ptr<Mirror::State> state_;
  std::unique_ptr<MirrorSearch> search_;  // Null where one of the stores cannot search.
};

}  // namespace holdfast::mirror
