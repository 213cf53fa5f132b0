#include "document_changes.hpp"

#include <algorithm>
#include <span>
#include <utility>

#include "block_codec.hpp"

namespace holdfast::search {
namespace {

// What shall stand at a revision of a term's postings; null: nothing.
struct PostingChange {
  Revision created;
  const std::vector<FieldCount>* counts;
};
struct DocumentChange {
  Revision created;
  const std::vector<std::uint32_t>* lengths;
};

void add(PostingList& list, const PostingChange& change) {
  if (change.counts != nullptr) list.add(change.created, *change.counts);
}
void add(DocumentList& list, const DocumentChange& change) {
  if (change.lengths != nullptr) list.add(change.created, *change.lengths);
}

// `list` with the changes, both ascending.
template <typename List, typename Change>
void merge(const List& list, std::span<const Change> changes, List& merged) {
  std::size_t i = 0;
  for (const Change& change : changes) {
    while (i < list.size() && list.created(i) < change.created) merged.add(list, i++);
    if (i < list.size() && list.created(i) == change.created) ++i;
    add(merged, change);
  }
  while (i < list.size()) merged.add(list, i++);
}

// In full blocks where the list grew at its end, so that appending leaves full ones behind; in
// equal parts where it grew within.
template <typename List>
std::vector<IndexBlock> cut(const List& list, bool grew_at_end) {
  constexpr std::size_t block_size = DocumentChanges::block_size;
  const std::size_t parts = (list.size() + block_size - 1) / block_size;
  std::vector<IndexBlock> blocks;
  std::size_t begin = 0;
  for (std::size_t part = 0; part < parts; ++part) {
    const std::size_t left = list.size() - begin;
    const std::size_t size =
        grew_at_end ? std::min(left, block_size) : (left + parts - part - 1) / (parts - part);
    blocks.push_back({list.created(begin), encode(list, begin, begin + size)});
    begin += size;
  }
  return blocks;
}

// The changes of one term, block by block. `empty` is a list to begin with.
template <typename List, typename Change>
void plan_term(BlockSource& source, std::string_view term, std::span<const Change> changes,
               const List& empty, std::vector<BlockChange>& plan) {
  while (!changes.empty()) {
    const auto found = source.find(term, changes.front().created);
    const auto end = std::ranges::find_if(changes, [&](const Change& change) {
      return found && found->next_first && change.created >= *found->next_first;
    });
    const auto here = changes.first(static_cast<std::size_t>(end - changes.begin()));
    changes = changes.subspan(here.size());
    List before = empty;
    if (found) decode(found->block.data, before);
    List after = empty;
    merge(before, here, after);
    const bool grew_at_end =
        before.size() == 0 ||
        (!found->next_first && here.front().created > before.created(before.size() - 1));
    BlockChange change{std::string(term), std::nullopt, cut(after, grew_at_end)};
    if (found) change.erased_first = found->block.first;
    if (found || !change.written.empty()) plan.push_back(std::move(change));
  }
}

using Terms = std::map<std::string_view, std::vector<PostingChange>>;

// What becomes of the postings of one document.
void add_changes(Terms& terms, Revision created, const std::vector<TermCounts>& before,
                 const std::vector<TermCounts>& after) {
  auto old = before.begin();
  for (const TermCounts& now : after) {
    while (old != before.end() && old->term < now.term) {
      terms[old++->term].push_back({created, nullptr});
    }
    const bool is_there = old != before.end() && old->term == now.term;
    if (!is_there || old->counts != now.counts) terms[now.term].push_back({created, &now.counts});
    if (is_there) ++old;
  }
  while (old != before.end()) terms[old++->term].push_back({created, nullptr});
}

}  // namespace

void DocumentChanges::remove(Revision created, IndexedDocument before) {
  const auto [at, is_new] = changes_.try_emplace(created);
  if (is_new) at->second.before = std::move(before);
  at->second.after.reset();
}

void DocumentChanges::put(Revision created, IndexedDocument after) {
  changes_[created].after = std::move(after);
}

std::vector<BlockChange> DocumentChanges::plan(BlockSource& source) const {
  static const std::vector<TermCounts> nothing;
  Terms terms;
  std::vector<DocumentChange> documents;
  std::size_t fields = 0;
  for (const auto& [created, change] : changes_) {
    const auto& [before, after] = change;
    if (before || after) fields = (after ? after : before)->lengths.size();
    add_changes(terms, created, before ? before->terms : nothing, after ? after->terms : nothing);
    if (after && (!before || before->lengths != after->lengths)) {
      documents.push_back({created, &after->lengths});
    } else if (before && !after) {
      documents.push_back({created, nullptr});
    }
  }
  std::vector<BlockChange> plan;
  plan_term(source, documents_term, std::span<const DocumentChange>(documents),
            DocumentList(fields), plan);
  for (const auto& [term, changes] : terms) {
    plan_term(source, term, std::span<const PostingChange>(changes), PostingList(), plan);
  }
  return plan;
}

}  // namespace holdfast::search
