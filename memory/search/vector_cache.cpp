#include "vector_cache.hpp"

#include <bit>
#include <cstring>
#include <string>
#include <utility>

#include "holdfast/error.hpp"

namespace holdfast::search {

static_assert(std::endian::native == std::endian::little, "vectors are copied as they lie");

std::string encode_vector(std::span<const float> vector) {
  std::string bytes(vector.size_bytes(), '\0');
  std::memcpy(bytes.data(), vector.data(), vector.size_bytes());
  return bytes;
}

std::vector<float> decode_vector(std::string_view bytes, int dimensions) {
  std::vector<float> vector(static_cast<std::size_t>(dimensions));
  if (bytes.size() != vector.size() * sizeof(float)) {
    throw Error(ErrorCode::corruption,
                "a vector of " + std::to_string(bytes.size()) + " bytes, where " +
                    std::to_string(vector.size() * sizeof(float)) + " belong");
  }
  std::memcpy(vector.data(), bytes.data(), bytes.size());
  return vector;
}

std::shared_ptr<VectorCache::Held> VectorCache::hold(std::int64_t namespace_id, int dimensions) {
  const std::lock_guard guard(mutex_);
  const auto found = held_.find(namespace_id);
  if (found != held_.end()) {
    // Another configuration has come since.
    if ((*found->second)->table.dimensions() != dimensions) {
      bytes_ -= (*found->second)->bytes;
      order_.erase(found->second);
      held_.erase(found);
    } else {
      order_.splice(order_.begin(), order_, found->second);
      return order_.front();
    }
  }
  order_.push_front(std::make_shared<Held>(namespace_id, dimensions));
  try {
    held_.emplace(namespace_id, order_.begin());
  } catch (...) {
    order_.pop_front();
    throw;
  }
  return order_.front();
}

void VectorCache::load(Held& held, const Source& source) {
  source.read(held.loaded, [&](std::int64_t id, Revision created, std::string_view bytes) {
    held.table.put(id, created, decode_vector(bytes, source.dimensions));
  });
  held.loaded = source.last;
}

// Notes what it takes, and lets go of others, or of itself, until all fit.
void VectorCache::settle(const std::shared_ptr<Held>& held, std::size_t bytes) {
  const std::lock_guard guard(mutex_);
  const auto own = held_.find(held->namespace_id);
  if (own == held_.end() || *own->second != held) return;  // Let go of meanwhile.
  bytes_ += bytes - held->bytes;
  held->bytes = bytes;
  while (bytes_ > max_bytes_ && !order_.empty()) {
    bytes_ -= order_.back()->bytes;
    held_.erase(order_.back()->namespace_id);
    order_.pop_back();
  }
}

void VectorCache::score(const Source& source, std::span<const float> unit, std::uint32_t ns,
                        std::vector<ScoredVector>& to) {
  if (source.last == 0) return;
  if (VectorTable::bytes_of(source.dimensions, source.count) > max_bytes_) {
    // Too many to be held: some at a time.
    constexpr std::size_t at_once = 256;
    VectorTable some(source.dimensions);
    source.read(0, [&](std::int64_t id, Revision created, std::string_view bytes) {
      some.put(id, created, decode_vector(bytes, source.dimensions));
      if (some.size() < at_once) return;
      some.score(unit, ns, to);
      some.clear();
    });
    some.score(unit, ns, to);
    return;
  }
  const std::shared_ptr<Held> held = hold(source.namespace_id, source.dimensions);
  {
    std::shared_lock reading(held->mutex);
    if (held->loaded >= source.last) return held->table.score(unit, ns, to);
  }
  std::size_t bytes = 0;
  {
    const std::unique_lock changing(held->mutex);
    if (held->loaded < source.last) load(*held, source);
    bytes = held->table.bytes();
    held->table.score(unit, ns, to);
  }
  settle(held, bytes);
}

void VectorCache::forget(std::int64_t namespace_id, std::span<const std::int64_t> ids) {
  std::shared_ptr<Held> held;
  {
    const std::lock_guard guard(mutex_);
    const auto found = held_.find(namespace_id);
    if (found == held_.end()) return;
    held = *found->second;
  }
  std::size_t bytes = 0;
  {
    const std::unique_lock changing(held->mutex);
    for (const std::int64_t id : ids) held->table.erase(id);
    bytes = held->table.bytes();
  }
  settle(held, bytes);
}

void VectorCache::clear() {
  const std::lock_guard guard(mutex_);
  held_.clear();
  order_.clear();
  bytes_ = 0;
}

std::size_t VectorCache::bytes() const {
  const std::lock_guard guard(mutex_);
  return bytes_;
}

}  // namespace holdfast::search
