#include "mirror_search.hpp"

namespace holdfast::mirror {

bool MirrorSearch::configure(const Namespace& ns, const SearchConfig* config,
                             const Context& context) {
  const WriteGate::Pass pass(state_.gate, context);
  // The destination first: where it refuses, the source is as it was.
  if (!state_.is_cut_over() && state_.map.covers(ns.text())) {
    state_.destination->search_index()->configure(state_.map.to_destination(ns), config, context);
  }
  return active().configure(ns, config, context);
}

}  // namespace holdfast::mirror
