#pragma once
#include "holdfast/memory.hpp"
#include "holdfast/sqlite.hpp"       // expect: include
#include <SQLiteCpp/Database.h>      // expect: include
#include <spdlog/spdlog.h>
