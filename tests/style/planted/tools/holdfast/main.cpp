#include <CLI/CLI.hpp>
#include "holdfast/sqlite.hpp"
#include "memory_state.hpp"          // expect: include
#include "support/log.hpp"           // expect: include
#include <SQLiteCpp/Database.h>      // expect: include
int main() { std::cout << "a program prints"; }
