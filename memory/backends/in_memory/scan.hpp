// Ordered walks over the entries of a scope.
#pragma once

#include "holdfast/backend.hpp"
#include "store.hpp"

namespace holdfast::in_memory {

// As the functions of `Backend` of the same names.
void scan_entries(Store& store, const ScanRequest& request, const RowSink& sink,
                  const Context& context);
[[nodiscard]] ChangePage read_changes(Store& store, Revision after, std::size_t limit,
                                      const Context& context);

}  // namespace holdfast::in_memory
