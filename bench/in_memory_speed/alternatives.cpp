#include "alternatives.hpp"

namespace holdfast::bench {

void OrderedMap::set(const std::string& ns, const std::string& key, const std::string& value) {
  const std::unique_lock lock(mutex_);
  std::unique_ptr<Space>& space = spaces_[ns];
  if (space == nullptr) space = std::make_unique<Space>();
  const std::unique_lock space_lock(space->mutex);
  ++revision_;
  const auto item =
      std::make_shared<const Item>(Item{value, revision_, revision_, revision_, revision_, 0});
  const auto [at, is_new] = space->points.try_emplace(key, item);
  if (!is_new) throw std::logic_error("the benchmarks of pages write each key once");
  space->keys.push_back(std::make_unique<const std::string>(key));
  const std::string_view name = *space->keys.back();
  space->by_key.emplace(name, item);
  space->by_created.emplace(revision_, std::pair(name, item));
}

const OrderedMap::Space* OrderedMap::find(const std::string& ns) const {
  const std::shared_lock lock(mutex_);
  const auto found = spaces_.find(ns);
  return found == spaces_.end() ? nullptr : found->second.get();
}

std::vector<OrderedMap::Row> OrderedMap::page_by_key(const std::string& ns,
                                                     const std::string& after,
                                                     std::size_t limit) const {
  std::vector<Row> rows;
  const Space* const space = find(ns);
  if (space == nullptr) return rows;
  rows.reserve(limit);
  const std::shared_lock lock(space->mutex);
  for (auto at = space->by_key.upper_bound(after); at != space->by_key.end(); ++at) {
    if (rows.size() == limit) break;
    rows.push_back({std::string(at->first), at->second});
  }
  return rows;
}

std::vector<OrderedMap::Row> OrderedMap::newest(const std::string& ns, std::size_t limit) const {
  std::vector<Row> rows;
  const Space* const space = find(ns);
  if (space == nullptr) return rows;
  rows.reserve(limit);
  const std::shared_lock lock(space->mutex);
  for (const auto& [revision, named] : space->by_created) {
    if (rows.size() == limit) break;
    rows.push_back({std::string(named.first), named.second});
  }
  return rows;
}

}  // namespace holdfast::bench
