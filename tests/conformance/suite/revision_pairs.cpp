#include "holdfast/conformance/revision_pairs.hpp"

#include <iterator>

namespace holdfast::conformance {

bool RevisionPairs::agree(Revision model, Revision real) {
  const auto [position, is_new] = pairs_.try_emplace(model, real);
  if (!is_new) return position->second == real;
  const auto next = std::next(position);
  // None stands before 0, which both have from the start.
  const bool fits = position != pairs_.begin() && std::prev(position)->second < real &&
                    (next == pairs_.end() || real < next->second);
  if (!fits) pairs_.erase(position);
  return fits;
}

std::optional<Revision> RevisionPairs::real(Revision model) const {
  const auto it = pairs_.find(model);
  if (it == pairs_.end()) return std::nullopt;
  return it->second;
}

Revision RevisionPairs::greatest_real() const { return pairs_.rbegin()->second; }

}  // namespace holdfast::conformance
