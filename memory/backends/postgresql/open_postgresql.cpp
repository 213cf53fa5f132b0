// Opening: typed options and URLs.
#include <string>
#include <utility>

#include "connection_string.hpp"
#include "errors.hpp"
#include "holdfast/postgresql.hpp"
#include "postgresql_backend.hpp"

namespace holdfast {

namespace {

std::vector<Path> take_paths(StoreUrl& url) {
  std::vector<Path> paths;
  const auto text = url.take_text("index");
  if (!text) return paths;
  for (std::size_t first = 0; first <= text->size();) {
    const std::size_t comma = std::min(text->find(',', first), text->size());
    paths.emplace_back(text->substr(first, comma - first));
    first = comma + 1;
  }
  return paths;
}

// What is no option of Holdfast's goes to libpq, where libpq knows it.
std::string take_connection(StoreUrl& url) {
  postgresql::ConnectionString connection(url.scheme() + ":" + url.body());
  for (const std::string& keyword : postgresql::ConnectionString::known_keywords()) {
    if (auto value = url.take_text(keyword)) connection.set(keyword, std::move(*value));
  }
  return connection.text();
}

// An '@' stands in no option's name, but behind a password with a '?' that was not escaped, whose
// end would be repeated here.
void refuse_rest(const StoreUrl& url) try {
  url.refuse_rest({"schema", "create", "read_only", "durability", "pool_size", "pool_wait",
                   "idle_check", "retry_for", "statement_timeout", "prepare", "change_log", "index",
                   "max_entries", "max_bytes", "max_value_bytes", "vector_cache",
                   "and the connection parameters of libpq"});
} catch (const Error& error) {
  if (error.message().find('@') == std::string::npos) throw;
  throw_invalid_argument(
      "the store's URL has an '@' in the name of an option: in a password '?' is written %3F");
}

PostgresqlOptions parse_options(StoreUrl& url, const OpenOptions& open) {
  PostgresqlOptions options;
  options.clock = open.clock;
  if (auto schema = url.take_text("schema")) options.schema = std::move(*schema);
  if (const auto choice = url.take_choice("durability", {"full", "normal"})) {
    options.durability = *choice == 0 ? PostgresqlDurability::full : PostgresqlDurability::normal;
  }
  if (const auto on = url.take_bool("create")) options.create = *on;
  if (const auto on = url.take_bool("read_only")) options.read_only = *on;
  if (const auto on = url.take_bool("prepare")) options.prepare = *on;
  options.change_log = url.take_bool("change_log");
  if (const auto number = url.take_number("pool_size")) options.pool_size = *number;
  if (const auto time = url.take_duration("pool_wait")) options.pool_wait = *time;
  if (const auto time = url.take_duration("idle_check")) options.idle_check = *time;
  if (const auto time = url.take_duration("retry_for")) options.retry_for = *time;
  options.statement_timeout = url.take_duration("statement_timeout");
  options.indexed_paths = take_paths(url);
  options.max_entries = url.take_number("max_entries");
  options.max_bytes = url.take_bytes("max_bytes");
  if (const auto bytes = url.take_bytes("max_value_bytes")) options.max_value_bytes = *bytes;
  if (const auto bytes = url.take_bytes("vector_cache")) options.vector_cache_bytes = *bytes;
  options.connection = take_connection(url);
  refuse_rest(url);
  return options;
}

}  // namespace

std::unique_ptr<Backend> make_postgresql_backend(const PostgresqlOptions& options) try {
  return std::make_unique<postgresql::PostgresqlBackend>(options);
} catch (const Error& error) {
  // Not the derived class: the engine's part of it is nobody else's business.
  throw error.with_origin({"postgresql", "open"});
} catch (...) {
  postgresql::rethrow_translated("opening a store");
}

Memory open_postgresql(const PostgresqlOptions& options) {
  return Memory(make_postgresql_backend(options));
}

void register_postgresql(BackendRegistry& registry) {
  for (const char* scheme : {"postgresql", "postgres"}) {
    registry.add(scheme, [](StoreUrl url, const OpenOptions& open) {
      return make_postgresql_backend(parse_options(url, open));
    });
  }
}

}  // namespace holdfast
