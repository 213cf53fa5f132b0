#include "limits.hpp"

#include <set>
#include <string>

#include "holdfast/error.hpp"

namespace holdfast::in_memory {
namespace {

constexpr std::size_t max_quotas = 64;

void check_maximum(const std::string& name, const std::optional<std::uint64_t>& maximum) {
  if (maximum && *maximum == 0) throw_invalid_argument(name + " is 0; it must be at least 1");
}

void check_quotas(const std::vector<Quota>& quotas) {
  if (quotas.size() > max_quotas) {
    throw_invalid_argument(std::to_string(quotas.size()) + " quotas were given; at the most " +
                           std::to_string(max_quotas) + " are allowed");
  }
  std::set<std::string_view> seen;
  for (const Quota& quota : quotas) {
    const std::string name = "the quota of \"" + std::string(quota.subtree.text()) + "\"";
    if (!seen.insert(quota.subtree.text()).second) throw_invalid_argument(name + " is given twice");
    if (!quota.max_entries && !quota.max_bytes) {
      throw_invalid_argument(name + " limits nothing; give entries, bytes or both");
    }
    check_maximum("the limit of entries in " + name, quota.max_entries);
    check_maximum("the limit of bytes in " + name, quota.max_bytes);
  }
}

}  // namespace

void check_options(const InMemoryOptions& options) {
  check_maximum("max_entries", options.max_entries);
  check_maximum("max_bytes", options.max_bytes);
  if (options.max_value_bytes == 0 || options.max_value_bytes > max_value_bytes) {
    throw_invalid_argument("max_value_bytes is " + std::to_string(options.max_value_bytes) +
                           "; it must be 1 to " + std::to_string(max_value_bytes));
  }
  if (options.eviction != Eviction::none && !options.max_entries && !options.max_bytes) {
    throw_invalid_argument("eviction needs a limit: give max_entries, max_bytes or both");
  }
  check_quotas(options.quotas);
}

void check_value_size(const Store& store, std::size_t bytes) {
  if (bytes <= store.options.max_value_bytes) return;
  throw Error(ErrorCode::resource_exhausted,
              "the value takes " + std::to_string(bytes) + " bytes of max_value_bytes=" +
                  std::to_string(store.options.max_value_bytes) + " bytes");
}

void throw_resource_exhausted(const Refusal& refusal) {
  throw Error(ErrorCode::resource_exhausted, refusal.budget->refusal(refusal.by, refusal.change));
}

}  // namespace holdfast::in_memory
