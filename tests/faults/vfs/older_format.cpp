#include "older_format.hpp"

#include <sqlite3.h>

#include <stdexcept>
#include <string>

namespace holdfast::fault_tests {

void take_back_to_version_2(const std::filesystem::path& file) {
  constexpr const char* sql =
      "DROP TABLE search_vector; DROP TABLE search_block; DROP TABLE search_configuration; "
      "ALTER TABLE counter DROP COLUMN search_generation; PRAGMA user_version=2";
  sqlite3* database = nullptr;
  const bool done = sqlite3_open(file.c_str(), &database) == SQLITE_OK &&
                    sqlite3_exec(database, sql, nullptr, nullptr, nullptr) == SQLITE_OK;
  const std::string message = sqlite3_errmsg(database);
  sqlite3_close(database);
  if (!done) throw std::runtime_error(message);
}

}  // namespace holdfast::fault_tests
