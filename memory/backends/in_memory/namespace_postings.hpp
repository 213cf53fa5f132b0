// The search index of one namespace: blocks of postings by their terms, and vectors.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "keyed_hash.hpp"
#include "search/document_changes.hpp"
#include "search/posting_list.hpp"
#include "search/search_catalog.hpp"
#include "search/vector_table.hpp"

namespace holdfast::in_memory {

// The vectors of one namespace, and what they are awaited for.
struct NamespaceVectors {
  explicit NamespaceVectors(int dimensions) : table(dimensions) {}

  search::VectorTable table;  // By `created_revision`.
  std::set<Revision> awaited;

  // Of both; ascending.
  [[nodiscard]] std::vector<Revision> revisions() const;
};

using TermTable = std::unordered_map<std::string, std::vector<search::IndexBlock>, TextHash,
                                     std::equal_to<>>;  // Blocks ascend.

// Guarded as the other indexes of a namespace are.
class NamespacePostings final : public search::BlockSource {
 public:
  // `hash`, that of the store, outlives it.
  NamespacePostings(const KeyedHash& hash, std::shared_ptr<const DocumentIndexer> indexer);

  [[nodiscard]] const DocumentIndexer& indexer() const noexcept { return *indexer_; }

  [[nodiscard]] std::optional<Found> find(std::string_view term, Revision at) override;
  // Makes room for what `apply` does. Throws `std::bad_alloc`, with nothing changed.
  void prepare(const std::vector<search::BlockChange>& changes);
  void apply(std::vector<search::BlockChange>& changes) noexcept;
  void clear() noexcept;

  // Null where the configuration has no embedding.
  [[nodiscard]] NamespaceVectors* vectors() noexcept { return vectors_.get(); }
  [[nodiscard]] const NamespaceVectors* vectors() const noexcept { return vectors_.get(); }
  // Those of `from`, where they hold here as well.
  void take_vectors(NamespacePostings& from) noexcept { vectors_.swap(from.vectors_); }

  template <typename List>
  void read(std::string_view term, List& to) const;
  // Calls `visit` with each term of the documents.
  template <typename Visit>
  void for_each_term(const Visit& visit) const {
    for (const auto& [term, blocks] : terms_) {
      if (term != search::documents_term && !blocks.empty()) visit(term);
    }
  }
  // What it takes, about: tables and vectors have some room to spare.
  [[nodiscard]] std::size_t bytes() const noexcept {
    return bytes_ + (vectors_ == nullptr ? 0 : vectors_->table.bytes());
  }

 private:
  using Blocks = TermTable::mapped_type;

  [[nodiscard]] static std::size_t bytes_of_term(std::string_view term) noexcept;

  std::shared_ptr<const DocumentIndexer> indexer_;
  TermTable terms_;
  std::size_t bytes_ = 0;  // Of the postings.
  std::unique_ptr<NamespaceVectors> vectors_;
};

}  // namespace holdfast::in_memory
