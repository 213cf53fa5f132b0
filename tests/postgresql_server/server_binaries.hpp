// Where PostgreSQL's programs are.
#pragma once

#include <filesystem>

namespace holdfast::testing {

// The folder of initdb, pg_ctl and postgres of the newest version under /usr/lib/postgresql, as
// Debian installs them; else of those on PATH; else of those that pg_config knows. Throws
// std::runtime_error, which says what to install, where none is of version 15 or later.
[[nodiscard]] std::filesystem::path server_binaries();

}  // namespace holdfast::testing
