#include "search_configuration.hpp"

#include <utility>
#include <vector>

#include "holdfast/error.hpp"
#include "json_text.hpp"

namespace holdfast::program {
namespace {

/// As the shell takes it.
std::string quoted(const Namespace& ns) {
  std::string text = "'";
  for (const char c : ns.text()) text += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return text + "'";
}

}  // namespace

std::optional<SearchConfiguration> governing_configuration(Memory& memory, const Namespace& ns) {
  std::optional<SearchConfiguration> nearest;
  for (SearchConfiguration& each : memory.search_configurations()) {
    const bool is_nearer = !nearest || each.ns.depth() >= nearest->ns.depth();
    if (each.ns.contains(ns) && is_nearer) nearest = std::move(each);
  }
  return nearest;
}

SearchConfiguration require_searchable(Memory& memory, const Namespace& ns) {
  auto governing = governing_configuration(memory, ns);
  if (!governing) throw Error(ErrorCode::failed_precondition, not_searchable(ns));
  if (governing->needs_reindex) {
    throw Error(ErrorCode::failed_precondition,
                "the index of " + quoted(governing->ns) + " was made by another version; `" +
                    reindex_command(governing->ns) + "` makes it anew");
  }
  return std::move(*governing);
}

std::string not_searchable(const Namespace& ns) {
  return "no search configuration governs " + quoted(ns) + "; `holdfast search-config " +
         quoted(ns) + " --conversation`, or --text PATH, gives it one";
}

std::string reindex_command(const Namespace& ns) { return "holdfast reindex " + quoted(ns); }

std::string configuration_json(const SearchConfiguration& configuration) {
  return std::move(JsonObject()
                       .text("namespace", configuration.ns.text())
                       .raw("config", configuration.config.to_value().json_text())
                       .text("analyzer", configuration.analyzer_version)
                       .raw("needs_reindex", configuration.needs_reindex ? "true" : "false"))
      .finish();
}

}  // namespace holdfast::program
