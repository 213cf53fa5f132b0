/// @file
/// The knowledge graph of the MCP reference memory server (memory.jsonl), and how it lies in a
/// store (docs/program.md): JSON Lines of
///
///     {"type":"entity","name":...,"entityType":...,"observations":[...]}
///     {"type":"relation","from":...,"to":...,"relationType":...}
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "holdfast/entry.hpp"

namespace holdfast::program {

/// Where the entities and the relations of a graph under `graph` lie.
[[nodiscard]] Namespace mcp_entities(const Namespace& graph);
[[nodiscard]] Namespace mcp_relations(const Namespace& graph);

/// Entities lie in `graph`/entities under their names, relations in `graph`/relations under
/// from/relationType/to, where '%' and '/' within a part are written "%25" and "%2F". The value is
/// the line without "type". Throws `InvalidArgument` for a line of another form, and for a name
/// that is no key of a store.
[[nodiscard]] Entry parse_mcp_line(std::string_view line, const Namespace& graph, Timestamp now);

/// The line for an entry of the graph. Throws `FailedPrecondition` for a value that is no entity
/// or relation, as its namespace says.
[[nodiscard]] std::string mcp_line(const Namespace& graph, AddressView address,
                                   const MemoryValue& value);

}  // namespace holdfast::program
