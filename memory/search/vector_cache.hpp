// Vectors that were read from a store, for the searches to come.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <span>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "vector_table.hpp"

namespace holdfast::search {

// Of a store that gives each vector an id, greater than all that its namespace had before, and
// never changes one. So what is held is brought up to date by what has a greater id; what went
// since is found out by whoever reads a hit, and said to `forget`. Safe to use from many threads.
class VectorCache {
 public:
  // Holds up to `max_bytes`; the namespaces that were used longest ago go first.
  explicit VectorCache(std::size_t max_bytes) noexcept : max_bytes_(max_bytes) {}

  using Row = std::function<void(std::int64_t id, Revision created, std::string_view bytes)>;
  // The vectors of one namespace, as the caller's state has them.
  struct Source {
    std::int64_t namespace_id = 0;
    int dimensions = 0;
    std::int64_t last = 0;  // The greatest id; 0: there are none.
    std::size_t count = 0;  // About how many.
    // Gives those with an id greater than `after`, in any order.
    std::function<void(std::int64_t after, const Row& row)> read;
  };
  // As `VectorTable::score`; may add some that the caller's state does not have.
  void score(const Source& source, std::span<const float> unit, std::uint32_t ns,
             std::vector<ScoredVector>& to);
  // They are gone, as of a state that has ids as great as theirs.
  void forget(std::int64_t namespace_id, std::span<const std::int64_t> ids);
  // All of them, so that nothing of what is erased stays.
  void clear();

  [[nodiscard]] std::size_t bytes() const;

 private:
  struct Held {
    Held(std::int64_t id, int dimensions) : namespace_id(id), table(dimensions) {}

    const std::int64_t namespace_id;
    std::shared_mutex mutex;  // Of those below.
    VectorTable table;
    std::int64_t loaded = 0;  // Everything up to this id was read.
    std::size_t bytes = 0;    // As counted in `bytes_`; guarded by the cache's mutex.
  };
  using Order = std::list<std::shared_ptr<Held>>;  // The last used first.

  [[nodiscard]] std::shared_ptr<Held> hold(std::int64_t namespace_id, int dimensions);
  static void load(Held& held, const Source& source);
  void settle(const std::shared_ptr<Held>& held, std::size_t bytes);

  const std::size_t max_bytes_;
  mutable std::mutex
      mutex_;  // Of those below; taken after a `Held`'s, which is never waited for under it.
  Order order_;
  std::unordered_map<std::int64_t, Order::iterator> held_;
  std::size_t bytes_ = 0;
};

// A vector as stores keep it: its numbers, 4 bytes each, the least significant first.
[[nodiscard]] std::string encode_vector(std::span<const float> vector);
// `Corruption` for another length.
[[nodiscard]] std::vector<float> decode_vector(std::string_view bytes, int dimensions);

}  // namespace holdfast::search
