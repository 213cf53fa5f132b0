#include "memory_state.hpp"
#include <iostream>
#include "absent.hpp"                // expect: include
#include "holdfast/sqlite.hpp"       // expect: include
#include "support/log.hpp"           // expect: include
#include <spdlog/spdlog.h>           // expect: include
#include <unistd.h>
void say() { std::cout << 1'000; }   // expect: print
void keep_quiet() {
  try {
    say();
  } catch (...) {}                   // expect: swallowed
  try {
    say();
  } catch (const std::exception&) {
    // Nobody is left to tell.
  }
}
