#include <string>
#include <utility>

#include "holdfast/reconcile.hpp"
#include "relative_namespace.hpp"

namespace holdfast {
namespace {

// `ns`, which lies at or below `from`, with `to` in the place of `from`.
Namespace rebased(const Namespace& ns, const Namespace& from, const Namespace& to) {
  if (from == to) return ns;
  const std::string_view rest = relative_namespace(from, ns.text());
  if (rest.empty()) return to;
  if (to.is_root()) return Namespace(rest);
  return Namespace(std::string(to.text()) + "/" + std::string(rest));
}

}  // namespace

AddressMap::AddressMap(Scope scope, Namespace destination, Filter filter)
    : scope_(std::move(scope)), destination_(std::move(destination)), filter_(std::move(filter)) {}

Namespace AddressMap::to_destination(const Namespace& source) const {
  return rebased(source, scope_.ns, destination_);
}

Namespace AddressMap::to_source(const Namespace& destination) const {
  return rebased(destination, destination_, scope_.ns);
}

}  // namespace holdfast
