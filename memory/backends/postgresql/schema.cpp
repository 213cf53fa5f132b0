#include "schema.hpp"

#include <algorithm>
#include <type_traits>
#include <utility>

#include "errors.hpp"
#include "preselection.hpp"
#include "support/log.hpp"
#include "transaction.hpp"

namespace holdfast::postgresql {

namespace {

constexpr std::size_t longest_name = 63;  // NAMEDATALEN - 1: the server cuts what is longer.

// Runs `body` in a transaction that holds the schema's lock.
template <typename Body>
auto locked(Connection& connection, const std::string& schema, const Context& context,
            Body&& body) {
  // What others did while this one waited has to be seen, whatever the role's default is.
  OpenTransaction transaction(connection, "BEGIN ISOLATION LEVEL READ COMMITTED", context);
  // A number of this library's own choosing; the functions' locks have other keys.
  const Statement lock{"", "SELECT pg_advisory_xact_lock(hashtextextended($1, 1212238662))"};
  connection.execute(lock, Arguments().add("holdfast:" + schema), context);
  if constexpr (std::is_void_v<decltype(body())>) {
    std::forward<Body>(body)();
    transaction.commit(context);
  } else {
    auto result = std::forward<Body>(body)();
    transaction.commit(context);
    return result;
  }
}

enum class Presence { missing, foreign, ours };

Presence presence_of(Connection& connection, const std::string& schema, const Context& context) {
  const Statement look{
      "",
      "SELECT n.oid IS NOT NULL, n.oid IS NOT NULL AND EXISTS ("
      "SELECT FROM pg_class c WHERE c.relnamespace = n.oid), EXISTS ("
      "SELECT FROM pg_class c WHERE c.relnamespace = n.oid AND c.relname = 'store') AND EXISTS ("
      "SELECT FROM pg_class c WHERE c.relnamespace = n.oid AND c.relname = 'entry') "
      "FROM (SELECT 1) one LEFT JOIN pg_namespace n ON n.nspname = $1"};
  const Rows rows = connection.execute(look, Arguments().add(schema), context);
  if (rows.boolean(0, 2)) return Presence::ours;
  return rows.boolean(0, 1) ? Presence::foreign : Presence::missing;
}

int version_of(Connection& connection, const std::string& schema, const Context& context) {
  const Rows rows = connection.execute_text(
      in_schema("SELECT format_version FROM @schema@.store", schema), context);
  if (rows.size() != 1) {
    fail(ErrorCode::corruption, "the schema " + quoted_name(schema) + " lacks its row in `store`");
  }
  return static_cast<int>(rows.integer(0, 0));
}

void refuse_newer(const std::string& schema, int version, int known) {
  if (version <= known) return;
  fail(ErrorCode::failed_precondition,
       "the store in the schema " + quoted_name(schema) + " has format version " +
           std::to_string(version) + ", this Holdfast knows versions up to " +
           std::to_string(known) + "; open it with a newer Holdfast");
}

void check_database(Connection& connection, const Context& context) {
  const Rows rows = connection.execute_text(
      "SELECT current_setting('server_encoding'), current_setting('server_version_num')", context);
  if (rows.text(0, 0) != "UTF8") {
    fail(ErrorCode::failed_precondition,
         "the database has the encoding " + std::string(rows.text(0, 0)) +
             "; a store needs UTF8 (CREATE DATABASE ... ENCODING 'UTF8' TEMPLATE template0)");
  }
  constexpr std::int64_t oldest_server = 130000;
  if (rows.integer(0, 1) < oldest_server) {
    fail(ErrorCode::failed_precondition, "the server has version number " +
                                             std::to_string(rows.integer(0, 1)) +
                                             "; PostgreSQL 13 or later is needed");
  }
}

void run_steps(Connection& connection, const std::string& schema, int from,
               std::span<const char* const> steps, const Context& context) {
  for (std::size_t i = static_cast<std::size_t>(from); i < steps.size(); ++i) {
    connection.execute_text(in_schema(steps[i], schema), context);
  }
  for (const char* functions : {common_functions, write_functions, set_functions, bulk_functions,
                                restore_function, search_functions, vector_functions}) {
    connection.execute_text(in_schema(functions, schema), context);
  }
  connection.execute_text(in_schema("UPDATE @schema@.store SET format_version = ", schema) +
                              std::to_string(steps.size()),
                          context);
}

void create(Connection& connection, const std::string& schema, const Context& context) {
  locked(connection, schema, context, [&] {
    if (presence_of(connection, schema, context) == Presence::ours) return;  // Another one did.
    // Where it was made for this role, the right to make schemas is not needed.
    const Statement look{"", "SELECT FROM pg_namespace WHERE nspname = $1"};
    if (connection.execute(look, Arguments().add(schema), context).empty()) {
      connection.execute_text(in_schema("CREATE SCHEMA @schema@", schema), context);
    }
    run_steps(connection, schema, 0, table_steps, context);
  });
  support::log_info("postgresql: made a store in the schema " + quoted_name(schema));
}

std::string index_name(const Path& path, std::size_t number) {
  std::string name = "entry_by_path_" + std::to_string(number);
  for (const char c : path.text()) {
    if (name.size() >= longest_name) break;
    const bool is_plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    name += is_plain ? c : '_';
  }
  return name;
}

std::vector<Path> indexed_paths(Connection& connection, const std::string& schema,
                                const Context& context) {
  std::vector<Path> paths;
  const Rows rows = connection.execute_text(
      in_schema("SELECT path FROM @schema@.indexed_path ORDER BY path", schema), context);
  for (std::size_t i = 0; i < rows.size(); ++i) paths.emplace_back(rows.text(i, 0));
  return paths;
}

}  // namespace

std::string quoted_name(std::string_view name) {
  std::string quoted = "\"";
  for (const char c : name) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  return quoted += '"';
}

std::string in_schema(std::string_view sql, std::string_view schema) {
  constexpr std::string_view placeholder = "@schema@";
  const std::string name = quoted_name(schema);
  std::string result;
  for (std::size_t at = sql.find(placeholder); at != std::string_view::npos;
       at = sql.find(placeholder)) {
    result.append(sql.substr(0, at)).append(name);
    sql.remove_prefix(at + placeholder.size());
  }
  return result.append(sql);
}

void check_schema_name(std::string_view schema) {
  const auto is_allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-';
  };
  // Letters that need no care in regclass literals within the functions either.
  if (schema.empty() || schema.size() > longest_name ||
      !std::all_of(schema.begin(), schema.end(), is_allowed) || schema.starts_with("pg_")) {
    throw_invalid_argument(
        "the schema's name takes 1 to 63 letters, digits, '_' and '-', and does not begin with "
        "\"pg_\"");
  }
}

void migrate(Connection& connection, const std::string& schema, std::span<const char* const> steps,
             const Context& context) {
  const int known = static_cast<int>(steps.size());
  const int version = locked(connection, schema, context, [&] {
    const int found = version_of(connection, schema, context);
    refuse_newer(schema, found, known);
    if (found < known) run_steps(connection, schema, found, steps, context);
    return found;
  });
  if (version < known) {
    support::log_info("postgresql: brought the store in the schema " + quoted_name(schema) +
                      " from format version " + std::to_string(version) + " to " +
                      std::to_string(known));
  }
}

void open_schema(Connection& connection, const std::string& schema, bool may_create,
                 const Context& context) {
  check_database(connection, context);
  const Presence presence = presence_of(connection, schema, context);
  if (presence == Presence::foreign) {
    fail(ErrorCode::corruption,
         "the schema " + quoted_name(schema) +
             " holds tables that are not a Holdfast store's; it was left as it is");
  }
  if (presence == Presence::missing) {
    if (!may_create) {
      fail(ErrorCode::failed_precondition,
           "the database has no store in the schema " + quoted_name(schema) +
               ", and this handle may not make one (create=off or read_only=on)");
    }
    create(connection, schema, context);
    return;
  }
  const int version = version_of(connection, schema, context);
  refuse_newer(schema, version, format_version);
  if (version == format_version) return;
  if (!may_create) {
    fail(ErrorCode::failed_precondition,
         "the store in the schema " + quoted_name(schema) +
             " has an older format; open it once without read_only and create=off");
  }
  migrate(connection, schema, table_steps, context);
}

void set_change_log(Connection& connection, const std::string& schema, bool on,
                    const Context& context) {
  const Rows rows =
      connection.execute_text(in_schema("SELECT change_log FROM @schema@.store", schema), context);
  if (rows.boolean(0, 0) == on) return;
  locked(connection, schema, context, [&] {
    connection.execute_text(
        in_schema("UPDATE @schema@.store SET change_log = ", schema) + (on ? "true" : "false"),
        context);
    if (!on) connection.execute_text(in_schema("DELETE FROM @schema@.tombstone", schema), context);
  });
}

std::vector<Path> ensure_indexes(Connection& connection, const std::string& schema,
                                 const std::vector<Path>& wanted, bool may_create,
                                 const Context& context) {
  const auto is_missing = [](const std::vector<Path>& there, const Path& path) {
    return std::find(there.begin(), there.end(), path) == there.end();
  };
  std::vector<Path> there = indexed_paths(connection, schema, context);
  const bool complete = std::none_of(wanted.begin(), wanted.end(),
                                     [&](const Path& path) { return is_missing(there, path); });
  if (complete) return there;
  if (!may_create) {
    fail(ErrorCode::failed_precondition,
         "a path to be indexed has no index, and this handle may not make one (create=off or "
         "read_only=on)");
  }
  return locked(connection, schema, context, [&] {
    std::vector<Path> paths = indexed_paths(connection, schema, context);
    for (const Path& path : wanted) {
      if (!is_missing(paths, path)) continue;
      const std::string name = index_name(path, paths.size() + 1);
      connection.execute_text("CREATE INDEX " + quoted_name(name) +
                                  in_schema(" ON @schema@.entry (namespace, (", schema) +
                                  index_expression(path, "value") + "), key)",
                              context);
      const Statement record{
          "", in_schema("INSERT INTO @schema@.indexed_path VALUES ($1, $2)", schema)};
      connection.execute(record, Arguments().add(path.text()).add(name), context);
      paths.push_back(path);
    }
    return paths;
  });
}

}  // namespace holdfast::postgresql
