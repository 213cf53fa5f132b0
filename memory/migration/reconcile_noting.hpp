// `reconcile` for a migration, which remembers what it did.
#pragma once

#include <functional>
#include <span>

#include "holdfast/reconcile.hpp"

namespace holdfast::migration {

// The note to be written in one step with the writes that bring the result to what is given. What
// comes otherwise than expected is corrected by the next one. Empty: none is written.
using NoteOf = std::function<Note(const ReconcileResult& result)>;

ReconcileResult reconcile_noting(Memory& source, Memory& destination,
                                 std::span<const Address> addresses,
                                 const ReconcileOptions& options, const NoteOf& note_of,
                                 const Context& context);

}  // namespace holdfast::migration
