// Opening: typed options and URLs.
#include "holdfast/sqlite.hpp"

#include <utility>

#include "errors.hpp"
#include "sqlite_backend.hpp"

namespace holdfast {

namespace {

SqliteOptions parse_options(StoreUrl& url, const OpenOptions& open) {
  SqliteOptions options;
  options.path = url.decoded_body();
  options.clock = open.clock;
  if (const auto choice = url.take_choice("durability", {"full", "normal"})) {
    options.durability = *choice == 0 ? SqliteDurability::full : SqliteDurability::normal;
  }
  if (const auto on = url.take_bool("read_only")) options.read_only = *on;
  if (const auto on = url.take_bool("create")) options.create = *on;
  if (const auto on = url.take_bool("secure_erase")) options.secure_erase = *on;
  options.change_log = url.take_bool("change_log");
  if (const auto number = url.take_number("readers")) options.readers = *number;
  if (const auto time = url.take_duration("busy_timeout")) options.busy_timeout = *time;
  options.max_entries = url.take_number("max_entries");
  options.max_bytes = url.take_bytes("max_bytes");
  if (const auto bytes = url.take_bytes("max_value_bytes")) options.max_value_bytes = *bytes;
  if (const auto bytes = url.take_bytes("page_cache")) options.page_cache_bytes = *bytes;
  if (const auto bytes = url.take_bytes("mmap")) options.mmap_bytes = *bytes;
  if (const auto bytes = url.take_bytes("vector_cache")) options.vector_cache_bytes = *bytes;
  url.refuse_rest({"durability", "read_only", "create", "readers", "change_log", "secure_erase",
                   "busy_timeout", "max_entries", "max_bytes", "max_value_bytes", "page_cache",
                   "mmap", "vector_cache"});
  return options;
}

}  // namespace

std::unique_ptr<Backend> make_sqlite_backend(const SqliteOptions& options) try {
  return std::make_unique<sqlite::SqliteBackend>(options);
} catch (const Error& error) {
  // Not the derived class: the engine's part of it is nobody else's business.
  throw error.with_origin({"sqlite", "open"});
} catch (...) {
  sqlite::rethrow_translated("opening a store");
}

Memory open_sqlite(const SqliteOptions& options) { return Memory(make_sqlite_backend(options)); }

void register_sqlite(BackendRegistry& registry) {
  registry.add("sqlite", [](StoreUrl url, const OpenOptions& open) {
    return make_sqlite_backend(parse_options(url, open));
  });
}

}  // namespace holdfast
