// Whether both sides of a migration hold the same, and mending where they do not.
#pragma once

#include "copier.hpp"
#include "holdfast/digest.hpp"

namespace holdfast::migration {

struct Digests {
  Digest source;
  Digest destination;
  [[nodiscard]] bool equal() const noexcept { return source == destination; }
};

// Both as of one instant of the clock, and each from one state of its store. Entries of the
// destination that are not copies, and those of the source that were not copied because of them,
// are left out.
[[nodiscard]] Digests compare_digests(Job& job);

// What `mend` came upon.
struct Mended {
  std::uint64_t addresses = 0;  // Those that were made equal.
  // From here on the source has to be copied again, to have the order of insertion right; none
  // where it is.
  std::optional<Revision> copy_again_after{};
};

// Looks for what differs and makes it equal: entries that were erased at the source while nobody
// told, damage, what somebody else has written.
[[nodiscard]] Mended mend(Job& job);

}  // namespace holdfast::migration
