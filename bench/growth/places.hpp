// Where the stores lie that are grown.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "holdfast/memory.hpp"

namespace holdfast::bench {

class Place {
 public:
  virtual ~Place() = default;
  // Opens the store, or makes it. At the most one is open.
  [[nodiscard]] virtual Memory open(std::shared_ptr<Clock> clock) = 0;
  // Whether what is closed can be opened again.
  [[nodiscard]] virtual bool persists() const { return true; }
  // Does what would otherwise disturb the measuring later: flushes, and gathers statistics.
  virtual void settle() {}
  // Of memory where the store does not persist, on disk where it does (of a closed store).
  [[nodiscard]] virtual std::uint64_t bytes() = 0;
};

// `store` is "in_memory", "sqlite" or "postgresql"; files and servers are made in new folders, that
// of SQLite in `folder`, and go with the place.
[[nodiscard]] std::unique_ptr<Place> make_place(const std::string& store,
                                                const std::string& folder);

}  // namespace holdfast::bench
