// Changes of documents, gathered and turned into changes of blocks: what every index that is kept
// in blocks has in common, however it keeps them.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "holdfast/entry.hpp"
#include "holdfast/indexed_document.hpp"

namespace holdfast::search {

// The blocks of one namespace are told apart by their term, and of one term by the revision that
// they begin with. The documents themselves stand under a term that no text has.
inline constexpr std::string_view documents_term;

struct IndexBlock {
  Revision first = 0;
  std::string data;
};

// Where the blocks of one namespace lie.
class BlockSource {
 public:
  virtual ~BlockSource() = default;

  struct Found {
    IndexBlock block;
    std::optional<Revision> next_first{};  // Of the block after it.
  };
  // The last block of the term that begins at or before `at`; the first one where none does; empty
  // where the term has no block.
  [[nodiscard]] virtual std::optional<Found> find(std::string_view term, Revision at) = 0;
};

// Blocks that take the place of one block, or of none. All of a term together come to be in the
// order in which they are given.
struct BlockChange {
  std::string term;
  std::optional<Revision> erased_first{};
  std::vector<IndexBlock> written;
};

// For one namespace. Each document is what `DocumentIndexer::index` makes of an entry.
class DocumentChanges {
 public:
  // The most postings that a block has.
  static constexpr std::size_t block_size = 128;

  // `before` is what the index has of the document, or an earlier `put` gave it.
  void remove(Revision created, IndexedDocument before);
  void put(Revision created, IndexedDocument after);

  [[nodiscard]] bool empty() const noexcept { return changes_.empty(); }
  [[nodiscard]] std::size_t size() const noexcept { return changes_.size(); }

  // What is to be done to the blocks. Changes none.
  [[nodiscard]] std::vector<BlockChange> plan(BlockSource& source) const;

 private:
  struct Change {
    std::optional<IndexedDocument> before;
    std::optional<IndexedDocument> after;
  };
  std::map<Revision, Change> changes_;
};

}  // namespace holdfast::search
