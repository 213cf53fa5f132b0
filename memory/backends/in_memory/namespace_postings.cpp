#include "namespace_postings.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "entry_block.hpp"
#include "search/block_codec.hpp"

namespace holdfast::in_memory {

using search::BlockChange;
using search::IndexBlock;

namespace {

std::size_t bytes_of(std::string_view text) noexcept {
  constexpr std::size_t longest_within = 15;  // Shorter texts lie within the string itself.
  return text.size() > longest_within ? allocated_bytes(text.size() + 1) : 0;
}

std::size_t bytes_of(const IndexBlock& block) noexcept {
  return sizeof(IndexBlock) + bytes_of(block.data);
}

}  // namespace

std::vector<Revision> NamespaceVectors::revisions() const {
  std::vector<Revision> all(awaited.begin(), awaited.end());
  const std::vector<std::int64_t> made = table.ids();
  all.insert(all.end(), made.begin(), made.end());
  std::ranges::sort(all);
  return all;
}

NamespacePostings::NamespacePostings(const KeyedHash& hash,
                                     std::shared_ptr<const DocumentIndexer> indexer)
    : indexer_(std::move(indexer)), terms_(0, TextHash{&hash}) {
  const auto& embedding = indexer_->config().embedding;
  if (embedding) vectors_ = std::make_unique<NamespaceVectors>(embedding->dimensions);
}

std::optional<search::BlockSource::Found> NamespacePostings::find(std::string_view term,
                                                                  Revision at) {
  const auto found = terms_.find(term);
  if (found == terms_.end() || found->second.empty()) return std::nullopt;
  const Blocks& blocks = found->second;
  auto block = std::ranges::upper_bound(blocks, at, {}, &IndexBlock::first);
  if (block != blocks.begin()) --block;
  const auto next = std::next(block);
  return Found{*block, next == blocks.end() ? std::nullopt : std::optional(next->first)};
}

void NamespacePostings::prepare(const std::vector<BlockChange>& changes) {
  std::unordered_map<std::string_view, std::size_t, TextHash> more(0, terms_.hash_function());
  for (const BlockChange& change : changes) more[change.term] += change.written.size();
  for (const auto& [term, count] : more) {
    auto at = terms_.find(term);
    if (at == terms_.end()) {
      at = terms_.emplace(term, Blocks()).first;
      bytes_ += bytes_of_term(at->first);
    }
    Blocks& blocks = at->second;
    if (blocks.size() + count > blocks.capacity()) {
      blocks.reserve(std::max(blocks.size() + count, 2 * blocks.capacity()));
    }
  }
}

void NamespacePostings::apply(std::vector<BlockChange>& changes) noexcept {
  for (BlockChange& change : changes) {
    const auto term = terms_.find(change.term);  // Which is there since `prepare`.
    Blocks& blocks = term->second;
    if (change.erased_first) {
      const auto erased =
          std::ranges::lower_bound(blocks, *change.erased_first, {}, &IndexBlock::first);
      bytes_ -= bytes_of(*erased);
      blocks.erase(erased);
    }
    for (const IndexBlock& block : change.written) bytes_ += bytes_of(block);
    if (!change.written.empty()) {
      const auto place =
          std::ranges::lower_bound(blocks, change.written.front().first, {}, &IndexBlock::first);
      blocks.insert(place, std::move_iterator(change.written.begin()),
                    std::move_iterator(change.written.end()));
    }
    if (blocks.empty()) {
      bytes_ -= bytes_of_term(term->first);
      terms_.erase(term);
    }
  }
}

void NamespacePostings::clear() noexcept {
  terms_.clear();
  bytes_ = 0;
  if (vectors_ == nullptr) return;
  vectors_->table.clear();
  vectors_->awaited.clear();
}

std::size_t NamespacePostings::bytes_of_term(std::string_view term) noexcept {
  return allocated_bytes(sizeof(void*) + sizeof(std::size_t) + sizeof(std::string) +
                         sizeof(Blocks)) +
         sizeof(void*) + bytes_of(term);
}

template <typename List>
void NamespacePostings::read(std::string_view term, List& to) const {
  const auto found = terms_.find(term);
  if (found == terms_.end()) return;
  for (const IndexBlock& block : found->second) search::decode(block.data, to);
}
template void NamespacePostings::read(std::string_view term, search::PostingList& to) const;
template void NamespacePostings::read(std::string_view term, search::DocumentList& to) const;

}  // namespace holdfast::in_memory
