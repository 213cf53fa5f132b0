#pragma once
#include <string>
#include <nlohmann/json.hpp>
#include "holdfast/sqlite.hpp"       // expect: include
#include "memory_state.hpp"          // expect: include
#include <SQLiteCpp/Database.h>      // expect: include
#include <sys/stat.h>                // expect: include
// SQLite::Database in a comment, and "SQLite::Database" in text, are no types.
namespace holdfast {
const char* name = "SQLite::Database";
SQLite::Database* leaked();          // expect: engine-type
class EntryManager;                  // expect: vague-name
}  // namespace holdfast
