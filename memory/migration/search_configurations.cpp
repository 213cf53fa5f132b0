#include "search_configurations.hpp"

#include <algorithm>

namespace holdfast::migration {
std::uint64_t copy_search_configurations(Memory& source, Memory& destination, const AddressMap& map,
                                         const Context& context) {
  if (!source.capabilities().search || !destination.capabilities().search) return 0;
  const std::vector<SearchConfiguration> theirs = source.search_configurations(context);
  const std::vector<SearchConfiguration> there = destination.search_configurations(context);
  const auto is_there = [&](const Namespace& ns) {
    return std::ranges::any_of(there, [&](const auto& each) { return each.ns == ns; });
  };
  std::uint64_t copied = 0;
  const auto copy = [&](const Namespace& to, const SearchConfig& config) {
    destination.configure_search(to, config, context);
    ++copied;
  };
  // Its own, or else the one from above.
  const SearchConfiguration* const top = governing(theirs, map.scope().ns.text());
  const Namespace destination_top = map.destination_scope().ns;
  if (top != nullptr) {
    const bool is_own = top->ns == map.scope().ns;
    const bool has_one =
        is_own ? is_there(destination_top) : governing(there, destination_top.text()) != nullptr;
    if (!has_one) copy(destination_top, top->config);
  }
  for (const SearchConfiguration& each : theirs) {
    if (!map.covers(each.ns.text()) || each.ns == map.scope().ns) continue;
    const Namespace to = map.to_destination(each.ns);
    if (!is_there(to)) copy(to, each.config);
  }
  return copied;
}

}  // namespace holdfast::migration
