// What namespaces are configured for searching, kept by a handle for its writer and its readers.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

#include "connection.hpp"
#include "search/search_catalog.hpp"

namespace holdfast::sqlite {

[[nodiscard]] std::vector<search::StoredConfiguration> read_configurations(Connection& connection);

// Safe to use from many threads.
class CatalogCache {
 public:
  // The catalog of the state of the file that `connection` reads. `generation`: that of the state,
  // which must be a committed one, as another may follow in the place of one that is rolled back.
  [[nodiscard]] std::shared_ptr<const search::SearchCatalog> at(std::int64_t generation,
                                                                Connection& connection);

 private:
  std::mutex mutex_;
  std::int64_t generation_ = 0;  // Of the latest; 0: nobody has configured anything.
  std::shared_ptr<const search::SearchCatalog> latest_ =
      std::make_shared<const search::SearchCatalog>();
};

}  // namespace holdfast::sqlite
