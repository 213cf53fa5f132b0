// What the store tells about itself.
#include <filesystem>
#include <string>

#include "reading.hpp"
#include "schema.hpp"

namespace holdfast::sqlite {

namespace {

std::int64_t size_of(const std::string& path) {
  std::error_code error;
  const auto size = std::filesystem::file_size(path, error);
  return error ? 0 : static_cast<std::int64_t>(size);
}

}  // namespace

MemoryStats SqliteBackend::stats(const Context& context) {
  const Timestamp instant = now(context);
  MemoryStats stats;
  stats.backend = name();
  reading(context, [&](Reader& reader) {
    reader.stats(stats, instant);
    stats.details = details(reader);
  });
  stats.limits.max_entries = options_.max_entries;
  stats.limits.max_bytes = options_.max_bytes;
  stats.limits.max_value_bytes = options_.max_value_bytes;
  stats.limited_bytes = stats.bytes;
  stats.counters.expired = expired_.load();
  return stats;
}

MemoryValue SqliteBackend::details(Reader& reader) {
  Connection& connection = reader.connection();
  const std::int64_t page = connection.query_integer("PRAGMA page_size");
  const std::int64_t free_pages = connection.query_integer("PRAGMA freelist_count");
  const bool full = options_.durability == SqliteDurability::full;
  return MemoryValue::map({
      {"path", file_->path()},
      {"engine", "SQLite"},
      {"engine_version", sqlite3_libversion()},
      {"format_version", format_version},
      {"durability", full ? "full" : "normal"},
      {"read_only", options_.read_only},
      {"secure_erase", options_.secure_erase},
      {"change_log", reader.state().change_log},
      {"file_bytes", size_of(file_->path())},
      {"log_bytes", size_of(file_->path() + "-wal")},
      {"page_bytes", page},
      {"free_bytes", page * free_pages},
      {"readers", readers_->size()},
      {"page_cache_bytes", options_.page_cache_bytes},
      {"mmap_bytes", options_.mmap_bytes},
      {"vector_cache_bytes", options_.vector_cache_bytes},
      {"cached_vector_bytes", vectors_.bytes()},
      {"busy_timeout_ms", options_.busy_timeout.count()},
  });
}

}  // namespace holdfast::sqlite
