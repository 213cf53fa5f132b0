/// @file
/// Which search configuration governs a namespace, and how one is shown.
#pragma once

#include <optional>
#include <string>

#include "holdfast/memory.hpp"

namespace holdfast::program {

/// That of the namespace itself or of the nearest one above that has one; empty: there is none.
[[nodiscard]] std::optional<SearchConfiguration> governing_configuration(Memory& memory,
                                                                         const Namespace& ns);

/// The same for a search. Throws `FailedPrecondition`, naming the command that helps, where there
/// is none or where its index has to be made anew.
[[nodiscard]] SearchConfiguration require_searchable(Memory& memory, const Namespace& ns);

/// `no search configuration governs 'ns'`, and how to give it one.
[[nodiscard]] std::string not_searchable(const Namespace& ns);

/// The command line that makes the index of a namespace anew.
[[nodiscard]] std::string reindex_command(const Namespace& ns);

/// One JSON object on one line: namespace, config, analyzer and needs_reindex.
[[nodiscard]] std::string configuration_json(const SearchConfiguration& configuration);

}  // namespace holdfast::program
