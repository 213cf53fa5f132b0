#include "holdfast/memory.hpp"
#include "../../server/server.hpp"   // expect: include
