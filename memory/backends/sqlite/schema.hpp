// The format of the file: recognised before SQLite touches it, made, and brought up to date.
#pragma once

#include <cstdint>

#include "connection.hpp"
#include "open_file.hpp"

namespace holdfast::sqlite {

// "Hldf", in the header of every file of ours.
inline constexpr std::int32_t application_id = 0x486c6466;
// The version that this code reads and writes; older ones are brought up to it when opened.
inline constexpr int format_version = 3;

enum class FileState : std::uint8_t { empty, ours };

// Reads the header alone. Throws for a file that is not ours, is truncated, or has a newer format.
[[nodiscard]] FileState inspect(const OpenFile& file);

// Whether the making of the file was cut short: it was empty when the journal beside it began, and
// will be so again once SQLite has rolled that back, whatever part of it is there by now.
[[nodiscard]] bool is_half_made(const OpenFile& file);

// Makes the tables in an empty file: after a crash in between, the file is empty again.
// The caller holds the lock.
void create_format(const std::string& path);

// Whether migrate() has something to do.
[[nodiscard]] bool needs_migration(Connection& connection);
// Applies the missing steps, each with its version number, in one transaction. The caller holds the
// lock. Throws FailedPrecondition for a newer version, Corruption where tables are missing; then
// the file is left as it is.
void migrate(Connection& connection);

// Throws Corruption unless the tables of this version are there.
void check_format(Connection& connection);

}  // namespace holdfast::sqlite
