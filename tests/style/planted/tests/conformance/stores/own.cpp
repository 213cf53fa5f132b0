#include "../../server/server.hpp"
#include "holdfast/sqlite.hpp"
