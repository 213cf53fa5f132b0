// How the steps of a restore become arguments of the store's function, and its results statuses.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "arguments.hpp"
#include "holdfast/change.hpp"
#include "write_call.hpp"

namespace holdfast::postgresql {

// The arguments from p_keep on.
void add_restore(Arguments& arguments, const RestoreBatch& batch);

// Fills `statuses` from what the function gave, which it left in its session as well.
[[nodiscard]] WriteOutcome take_statuses(const std::vector<std::int64_t>& results,
                                         std::span<RestoreStatus> statuses);

}  // namespace holdfast::postgresql
