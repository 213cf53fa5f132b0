#include "server_binaries.hpp"

#include <unistd.h>

#include <array>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <sstream>
#include <stdexcept>
#include <string>

namespace holdfast::testing {
namespace {

namespace fs = std::filesystem;

constexpr int oldest_version = 15;

// What a command writes to standard output, "" where it fails.
std::string output_of(const std::string& command) {
  FILE* const stream = ::popen((command + " 2> /dev/null").c_str(), "r");
  if (stream == nullptr) return {};
  std::string output;
  std::array<char, 256> buffer{};
  std::size_t n = 0;
  while ((n = std::fread(buffer.data(), 1, buffer.size(), stream)) > 0) {
    output.append(buffer.data(), n);
  }
  return ::pclose(stream) == 0 ? output : std::string();
}

bool has_programs(const fs::path& folder) {
  for (const char* program : {"initdb", "pg_ctl", "postgres"}) {
    if (::access((folder / program).c_str(), X_OK) != 0) return false;
  }
  return true;
}

// The major version; 0 where it is not to be had. ("postgres (PostgreSQL) 15.4 (...)")
int version_in(const fs::path& folder) {
  const std::string text = output_of("'" + (folder / "postgres").string() + "' --version");
  const std::size_t digits = text.find_first_of("0123456789");
  if (digits == std::string::npos) return 0;
  int version = 0;
  std::from_chars(text.data() + digits, text.data() + text.size(), version);
  return version;
}

std::optional<fs::path> newest_of_debian() {
  std::optional<fs::path> newest;
  int newest_version = oldest_version - 1;
  std::error_code missing;
  for (const auto& entry : fs::directory_iterator("/usr/lib/postgresql", missing)) {
    const fs::path folder = entry.path() / "bin";
    if (!has_programs(folder)) continue;
    const int version = version_in(folder);
    if (version <= newest_version) continue;
    newest_version = version;
    newest = folder;
  }
  return newest;
}

std::optional<fs::path> on_path() {
  const char* const path = std::getenv("PATH");
  std::istringstream folders(path == nullptr ? "" : path);
  for (std::string folder; std::getline(folders, folder, ':');) {
    if (has_programs(folder) && version_in(folder) >= oldest_version) return folder;
  }
  return std::nullopt;
}

std::optional<fs::path> known_to_pg_config() {
  std::string folder = output_of("pg_config --bindir");
  if (!folder.empty() && folder.back() == '\n') folder.pop_back();
  if (folder.empty() || !has_programs(folder) || version_in(folder) < oldest_version) {
    return std::nullopt;
  }
  return folder;
}

}  // namespace

fs::path server_binaries() {
  for (const auto& find : {newest_of_debian, on_path, known_to_pg_config}) {
    if (const std::optional<fs::path> found = find()) return *found;
  }
  throw std::runtime_error(
      "no PostgreSQL server of version 15 or later was found under /usr/lib/postgresql, on PATH or "
      "by pg_config; install Debian's package postgresql. Tests that share a server use the one "
      "that the environment variable HOLDFAST_TEST_POSTGRES_URL leads to, where it is set.");
}

}  // namespace holdfast::testing
