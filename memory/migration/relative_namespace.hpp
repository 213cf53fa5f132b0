// Namespaces as seen from one that they lie below.
#pragma once

#include <algorithm>
#include <string_view>

#include "holdfast/namespace.hpp"

namespace holdfast {

// The canonical text below `base`, without it; "" for `base` itself. `canonical` must lie in the
// subtree of `base`.
//
// Within a subtree the order of these texts is that of the whole ones: all but `base` itself, which
// comes first either way, begin with the same bytes. So they can be compared across two bases.
[[nodiscard]] inline std::string_view relative_namespace(const Namespace& base,
                                                         std::string_view canonical) noexcept {
  if (base.is_root()) return canonical;
  return canonical.substr(std::min(canonical.size(), base.text().size() + 1));
}

}  // namespace holdfast
