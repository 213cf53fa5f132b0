#include "vectors.hpp"

#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace holdfast::migration {
namespace {

constexpr std::size_t vectors_at_once = 256;
constexpr std::size_t most_awaited = 10'000;

// Of what one configuration of the source governs.
class VectorCopier {
 public:
  VectorCopier(Memory& source, Memory& destination, const AddressMap& map, const Context& context)
      : source_(source),
        destination_(destination),
        map_(map),
        context_(context),
        there_(destination.search_configurations(context)) {}

  void copy(const Scope& scope, const SearchConfig& config) {
    config_ = &config;
    const Scope copies{map_.to_destination(scope.ns), scope.subtree};
    const SearchConfiguration* const theirs = governing(there_, copies.ns.text());
    if (theirs == nullptr || theirs->config.embedding != config.embedding) return;
    find_awaited(copies);
    if (awaited_ && awaited_->empty()) return;
    source_.scan_vectors(
        scope,
        [&](const AddressView& address, const Record& record, std::span<const float> vector) {
          take(address, record, vector);
          return true;
        },
        context_);
    flush();
  }
  [[nodiscard]] std::uint64_t kept() const noexcept { return kept_; }

 private:
  // Where few are awaited, the others need not be written again.
  void find_awaited(const Scope& copies) {
    const std::vector<Entry> entries = destination_.without_vector(copies, most_awaited, context_);
    awaited_.reset();
    if (entries.size() == most_awaited) return;
    awaited_.emplace();
    for (const Entry& entry : entries) awaited_->insert({entry.ns, entry.key});
  }

  void take(const AddressView& address, const Record& record, std::span<const float> vector) {
    if (!map_.covers(address.ns)) return;
    Address copy{map_.to_destination(Namespace(address.ns)), std::string(address.key)};
    if (awaited_ && !awaited_->contains(copy)) return;
    texts_.push_back(config_->text_to_embed(record.value));
    vectors_.push_back(
        {std::move(copy), 0, {vector.begin(), vector.end()}, config_->embedding->model});
    if (vectors_.size() == vectors_at_once) flush();
  }

  void flush() {
    std::vector<Address> copies;
    copies.reserve(vectors_.size());
    for (const EntryVector& each : vectors_) copies.push_back(each.address);
    const auto entries = destination_.get_many(copies, context_);
    std::vector<EntryVector> same;
    for (std::size_t i = 0; i < entries.size(); ++i) {
      if (!entries[i]) continue;
      const SearchConfiguration* const theirs = governing(there_, copies[i].ns.text());
      const bool holds = theirs != nullptr && theirs->config.embedding == config_->embedding &&
                         theirs->config.text_to_embed(entries[i]->value) == texts_[i];
      if (!holds) continue;
      vectors_[i].revision = entries[i]->revision;
      same.push_back(std::move(vectors_[i]));
    }
    if (!same.empty()) kept_ += destination_.put_vectors(same, context_);
    vectors_.clear();
    texts_.clear();
  }

  Memory& source_;
  Memory& destination_;
  const AddressMap& map_;
  const Context& context_;
  const std::vector<SearchConfiguration> there_;
  const SearchConfig* config_ = nullptr;
  std::optional<std::set<Address>> awaited_;  // Empty: too many to be listed.
  std::vector<EntryVector> vectors_;          // On their way; what they were made of.
  std::vector<std::string> texts_;
  std::uint64_t kept_ = 0;
};

}  // namespace

std::uint64_t copy_vectors(Memory& source, Memory& destination, const AddressMap& map,
                           const Context& context) {
  const bool can = source.capabilities().search && destination.capabilities().search;
  if (!can || &source == &destination) return 0;
  const std::vector<SearchConfiguration> theirs = source.search_configurations(context);
  VectorCopier copier(source, destination, map, context);
  const SearchConfiguration* const top = governing(theirs, map.scope().ns.text());
  if (top != nullptr && top->config.embedding) copier.copy(map.scope(), top->config);
  for (const SearchConfiguration& each : theirs) {
    const bool is_below = map.covers(each.ns.text()) && each.ns != map.scope().ns;
    if (is_below && each.config.embedding) copier.copy({each.ns, true}, each.config);
  }
  return copier.kept();
}

}  // namespace holdfast::migration
