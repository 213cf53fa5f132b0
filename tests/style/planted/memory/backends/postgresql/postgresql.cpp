#include <libpq-fe.h>
#include <pqxx/pqxx>
#include "holdfast/sqlite.hpp"       // expect: include
#include <sqlite3.h>                 // expect: include
