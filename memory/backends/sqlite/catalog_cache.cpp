#include "catalog_cache.hpp"

#include <utility>

namespace holdfast::sqlite {

std::vector<search::StoredConfiguration> read_configurations(Connection& connection) {
  Statement list =
      connection.prepare("SELECT path, config, version, stale FROM search_configuration");
  std::vector<search::StoredConfiguration> stored;
  while (list.step()) {
    stored.push_back({std::string(list.text(0)), std::string(list.text(1)),
                      std::string(list.text(2)), list.integer(3) != 0});
  }
  return stored;
}

std::shared_ptr<const search::SearchCatalog> CatalogCache::at(std::int64_t generation,
                                                              Connection& connection) {
  std::shared_ptr<const search::SearchCatalog> catalog;
  {
    const std::lock_guard lock(mutex_);
    if (generation == generation_) return latest_;
    catalog = latest_;
  }
  catalog =
      std::make_shared<const search::SearchCatalog>(read_configurations(connection), *catalog);
  const std::lock_guard lock(mutex_);
  if (generation > generation_) {
    generation_ = generation;
    latest_ = catalog;
  }
  return catalog;
}

}  // namespace holdfast::sqlite
