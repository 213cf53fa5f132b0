#include "holdfast/sqlite.hpp"
#include <SQLiteCpp/Database.h>
#include <fcntl.h>
#include "support/log.hpp"
#include "memory_state.hpp"          // expect: include
#include "../in_memory/table.hpp"    // expect: include
#include <absl/container/btree_map.h>  // expect: include
#include <spdlog/spdlog.h>           // expect: include
#include <pqxx/pqxx>                 // expect: include
