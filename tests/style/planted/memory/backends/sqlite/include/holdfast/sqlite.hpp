#pragma once
#include "holdfast/memory.hpp"
#include "support/log.hpp"           // expect: include
#include <sqlite3.h>                 // expect: include
