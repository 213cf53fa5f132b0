// A search, from what an index holds to the hits in their order: the same on every store.
#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "holdfast/search.hpp"
#include "posting_list.hpp"
#include "search_catalog.hpp"

namespace holdfast::search {

// What an index holds of the namespaces of a scope that one configuration governs, as of one state.
// Used by one thread.
class IndexView {
 public:
  virtual ~IndexView() = default;

  // Called once, before all others: the terms that will be asked for.
  virtual void prepare(std::span<const std::string> terms) = 0;
  // How many namespaces; the others take one by its number.
  [[nodiscard]] virtual std::size_t namespaces() const = 0;
  // Ascending: `created_revision` of the documents whose entries are expired.
  [[nodiscard]] virtual std::vector<Revision> expired(std::size_t ns) = 0;
  // Adds all documents, expired ones included.
  virtual void read_documents(std::size_t ns, DocumentList& to) = 0;
  // Adds all postings of a term.
  virtual void read_postings(std::size_t ns, std::string_view term, PostingList& to) = 0;

  // A document, by the number of its namespace and its `created_revision`.
  struct Document {
    std::size_t ns = 0;
    Revision created = 0;
  };
  // A hint: the documents whose entries will be asked for next, in this order, unless the search
  // ends before.
  virtual void expect_entries(std::span<const Document> documents) { static_cast<void>(documents); }
  using EntrySink = std::function<void(AddressView address, const Record& record)>;
  // Gives the live entry of a document. False where there is none: then the index is damaged.
  [[nodiscard]] virtual bool read_entry(std::size_t ns, Revision created,
                                        const EntrySink& sink) = 0;
};

// As `SearchIndex::search`.
void search(const DocumentIndexer& indexer, const SearchRequest& request, IndexView& view,
            const RankedSink& sink, const Context& context);

}  // namespace holdfast::search
