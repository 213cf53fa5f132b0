// Which namespaces of a store are configured for searching, as of one state.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "holdfast/indexed_document.hpp"
#include "holdfast/search.hpp"

namespace holdfast::search {

// A configuration as a store keeps it.
struct StoredConfiguration {
  std::string ns;       // Canonical.
  std::string config;   // `SearchConfig::to_value`, as text.
  std::string version;  // `index_version` of the indexer that made the index.
  bool stale = false;   // Somebody with another version has written since.
};

// A namespace with a configuration of its own.
struct ConfiguredNamespace {
  std::string ns;
  std::string version;
  bool needs_reindex = false;
  // Makes the documents of all that it governs; where `needs_reindex`, as they would be anew.
  std::shared_ptr<const DocumentIndexer> indexer;
};

// Immutable; safe to use from many threads.
class SearchCatalog {
 public:
  SearchCatalog() = default;
  // Throws `Corruption` for a configuration that cannot be read.
  explicit SearchCatalog(const std::vector<StoredConfiguration>& stored);
  // The same; what has not changed since `before` keeps its indexer.
  SearchCatalog(const std::vector<StoredConfiguration>& stored, const SearchCatalog& before);

  [[nodiscard]] bool empty() const noexcept { return configured_.empty(); }
  // The one that governs a namespace: its own, or that of the nearest one above; null: none.
  [[nodiscard]] const ConfiguredNamespace* governing(std::string_view ns) const;
  // Its own; null: none.
  [[nodiscard]] const ConfiguredNamespace* at(std::string_view ns) const;
  // The same, but `FailedPrecondition` instead of null.
  [[nodiscard]] const ConfiguredNamespace& require_at(std::string_view ns) const;
  // The one that a search in `ns` goes by. `FailedPrecondition` where none governs it, or where it
  // needs a reindex.
  [[nodiscard]] const ConfiguredNamespace& require_usable(std::string_view ns) const;
  // Whether what `ns`, in the subtree of `upper`, is governed by lies at or above `upper`, or is
  // nothing: then a configuration that `upper` is given governs `ns`, too.
  [[nodiscard]] bool is_governed_from(std::string_view upper, std::string_view ns) const;

  [[nodiscard]] std::vector<SearchConfiguration> list() const;

 private:
  std::map<std::string, ConfiguredNamespace, std::less<>> configured_;
};

// What an index depends on besides the configuration: the analyzer, and how blocks are written.
[[nodiscard]] std::string index_version(const DocumentIndexer& indexer);
// What a store keeps of a configuration whose index is made now. Throws `InvalidArgument` for one
// with an unknown language.
[[nodiscard]] StoredConfiguration to_store(std::string_view ns, const SearchConfig& config);

}  // namespace holdfast::search
