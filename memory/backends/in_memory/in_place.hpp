// Changes of one entry in its block.
#pragma once

#include "holdfast/write.hpp"
#include "store.hpp"

namespace holdfast::in_memory {

// Gives an entry that is there another value or deadline where it lies, so that no other order
// than that by revision changes and nothing is allocated for the entry. Whether it could, with
// `result` filled: it leaves to `Write` what creates or erases an entry, does not meet its
// precondition, needs more or less memory, has a value that somebody holds, or is searchable.
[[nodiscard]] bool change_in_place(Store& store, const WriteOp& op, WriteResult& result,
                                   const Context& context);

}  // namespace holdfast::in_memory
