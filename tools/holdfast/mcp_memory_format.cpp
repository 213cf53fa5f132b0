#include "mcp_memory_format.hpp"

#include <utility>
#include <vector>

#include "holdfast/error.hpp"
#include "holdfast/write.hpp"
#include "json_members.hpp"

namespace holdfast::program {
namespace {

struct Entity {
  std::string name;
  std::string type;
  MemoryValue observations;
};

struct Relation {
  std::string from;
  std::string to;
  std::string type;
};

Entity take_entity(JsonMembers& members) {
  Entity entity{members.require_text("name"), members.require_text("entityType"),
                members.require("observations")};
  const auto refuse = [] {
    throw_invalid_argument("\"observations\" must be a list of strings");
  };
  if (entity.observations.kind() != ValueKind::list) refuse();
  for (const MemoryItem& item : entity.observations.items()) {
    if (item.value.kind() != ValueKind::string) refuse();
  }
  members.refuse_rest("type, name, entityType, observations");
  return entity;
}

Relation take_relation(JsonMembers& members) {
  Relation relation{members.require_text("from"), members.require_text("to"),
                    members.require_text("relationType")};
  members.refuse_rest("type, from, to, relationType");
  return relation;
}

/// One part of a relation's key, so that '/' stands between parts alone.
std::string escaped(std::string_view part) {
  std::string text;
  for (const char c : part) {
    if (c == '%') {
      text += "%25";
    } else if (c == '/') {
      text += "%2F";
    } else {
      text += c;
    }
  }
  return text;
}

Entry entity_entry(const Entity& entity, const Namespace& graph) {
  Entry entry;
  entry.ns = mcp_entities(graph);
  entry.key = entity.name;
  entry.value = MemoryValue::map({{"name", entity.name},
                                  {"entityType", entity.type},
                                  {"observations", entity.observations}});
  return entry;
}

Entry relation_entry(const Relation& relation, const Namespace& graph) {
  Entry entry;
  entry.ns = mcp_relations(graph);
  entry.key = escaped(relation.from) + "/" + escaped(relation.type) + "/" + escaped(relation.to);
  entry.value = MemoryValue::map(
      {{"from", relation.from}, {"to", relation.to}, {"relationType", relation.type}});
  return entry;
}

}  // namespace

Namespace mcp_entities(const Namespace& graph) { return graph / "entities"; }

Namespace mcp_relations(const Namespace& graph) { return graph / "relations"; }

Entry parse_mcp_line(std::string_view line, const Namespace& graph, Timestamp now) {
  JsonMembers members(line);
  const std::string type = members.require_text("type");
  Entry entry;
  if (type == "entity") {
    entry = entity_entry(take_entity(members), graph);
  } else if (type == "relation") {
    entry = relation_entry(take_relation(members), graph);
  } else {
    throw_invalid_argument("\"type\" is \"" + type + "\"; it must be \"entity\" or \"relation\"");
  }
  entry.created_at = now;
  entry.updated_at = now;
  WriteBatch().set(entry.ns, entry.key, entry.value);  // Throws for what no store would take.
  return entry;
}

std::string mcp_line(const Namespace& graph, AddressView address, const MemoryValue& value) {
  const bool is_entity = address.ns == mcp_entities(graph).text();
  try {
    JsonMembers members(value.json_text());
    JsonObject line;
    if (is_entity) {
      const Entity entity = take_entity(members);
      line.text("type", "entity")
          .text("name", entity.name)
          .text("entityType", entity.type)
          .raw("observations", entity.observations.json_text());
    } else {
      const Relation relation = take_relation(members);
      line.text("type", "relation")
          .text("from", relation.from)
          .text("to", relation.to)
          .text("relationType", relation.type);
    }
    return std::move(line).finish();
  } catch (const Error& error) {
    if (error.code() != ErrorCode::invalid_argument) throw;
    throw Error(ErrorCode::failed_precondition,
                "the entry \"" + std::string(address.key) + "\" in namespace '" +
                    std::string(address.ns) + "' is no " + (is_entity ? "entity" : "relation") +
                    " of a knowledge graph: " + error.message());
  }
}

}  // namespace holdfast::program
