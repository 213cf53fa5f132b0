#include "search_catalog.hpp"

#include <optional>
#include <utility>

#include "block_codec.hpp"
#include "holdfast/error.hpp"

namespace holdfast::search {
namespace {

std::string quoted(std::string_view ns) {
  return ns.empty() ? std::string("the root") : "\"" + std::string(ns) + "\"";
}

[[noreturn]] void throw_failed_precondition(const std::string& message) {
  throw Error(ErrorCode::failed_precondition, message);
}

ConfiguredNamespace read(const StoredConfiguration& stored) try {
  ConfiguredNamespace configured{stored.ns, stored.version, stored.stale, nullptr};
  configured.indexer = std::make_shared<const DocumentIndexer>(
      SearchConfig::from_value(MemoryValue::parse(stored.config)));
  if (index_version(*configured.indexer) != stored.version) configured.needs_reindex = true;
  return configured;
} catch (const Error& error) {
  // A build without search cannot keep the index in step, and must not write beside it.
  if (error.code() == ErrorCode::unsupported) throw;
  throw Error(ErrorCode::corruption,
              "the search configuration of " + quoted(stored.ns) + " cannot be read", {},
              error.message());
}

// The namespace above; empty: there is none.
std::optional<std::string_view> above(std::string_view ns) {
  if (ns.empty()) return std::nullopt;
  const std::size_t slash = ns.rfind('/');
  return ns.substr(0, slash == std::string_view::npos ? 0 : slash);
}

}  // namespace

SearchCatalog::SearchCatalog(const std::vector<StoredConfiguration>& stored)
    : SearchCatalog(stored, SearchCatalog()) {}

SearchCatalog::SearchCatalog(const std::vector<StoredConfiguration>& stored,
                             const SearchCatalog& before) {
  for (const StoredConfiguration& each : stored) {
    ConfiguredNamespace configured = read(each);
    const ConfiguredNamespace* const earlier = before.at(each.ns);
    if (earlier != nullptr && earlier->indexer->config() == configured.indexer->config()) {
      configured.indexer = earlier->indexer;
    }
    configured_.emplace(each.ns, std::move(configured));
  }
}

const ConfiguredNamespace* SearchCatalog::governing(std::string_view ns) const {
  if (empty()) return nullptr;
  for (std::optional<std::string_view> at = ns; at; at = above(*at)) {
    const auto found = configured_.find(*at);
    if (found != configured_.end()) return &found->second;
  }
  return nullptr;
}

const ConfiguredNamespace* SearchCatalog::at(std::string_view ns) const {
  const auto found = configured_.find(ns);
  return found == configured_.end() ? nullptr : &found->second;
}

const ConfiguredNamespace& SearchCatalog::require_at(std::string_view ns) const {
  if (const ConfiguredNamespace* const configured = at(ns)) return *configured;
  const ConfiguredNamespace* const upper = governing(ns);
  throw_failed_precondition(
      quoted(ns) + " has no search configuration of its own" +
      (upper == nullptr ? std::string() : "; that of " + quoted(upper->ns) + " governs it"));
}

const ConfiguredNamespace& SearchCatalog::require_usable(std::string_view ns) const {
  const ConfiguredNamespace* const configured = governing(ns);
  if (configured == nullptr) {
    throw_failed_precondition("no search configuration governs " + quoted(ns) +
                              "; configure_search gives it one");
  }
  if (configured->needs_reindex) {
    throw_failed_precondition("the index of " + quoted(configured->ns) +
                              " was made by another version (\"" + configured->version +
                              "\"); reindex makes it anew");
  }
  return *configured;
}

bool SearchCatalog::is_governed_from(std::string_view upper, std::string_view ns) const {
  const ConfiguredNamespace* const found = governing(ns);
  return found == nullptr || subtree_contains(found->ns, upper);
}

std::vector<SearchConfiguration> SearchCatalog::list() const {
  std::vector<SearchConfiguration> list;
  for (const auto& [ns, configured] : configured_) {
    list.push_back({Namespace(ns), configured.indexer->config(), configured.version,
                    configured.needs_reindex});
  }
  return list;
}

std::string index_version(const DocumentIndexer& indexer) {
  return "blocks " + std::to_string(block_format) + "; " + indexer.analyzer().version();
}

StoredConfiguration to_store(std::string_view ns, const SearchConfig& config) {
  return {std::string(ns), std::string(config.to_value().json_text()),
          index_version(DocumentIndexer(config)), false};
}

}  // namespace holdfast::search
