#include "memory_state.hpp"
#include <iostream>
#include "absent.hpp"                // expect: include
#include "holdfast/sqlite.hpp"       // expect: include
#include "support/log.hpp"           // expect: include
#include <spdlog/spdlog.h>           // expect: include
#include <unistd.h>
void say() { std::cout << 1'000; }   // expect: print
std::unordered_map<std::string, std::vector<int>> counts;  // expect: known-hash
std::unordered_set<std::string_view> names;                // expect: known-hash
std::unordered_map<std::string, std::vector<int>, KeyedHash> keyed;
struct Hasher {
  std::size_t operator()(int a) const { return std::hash<int>{}(a); }  // expect: known-hash
};
const std::size_t once = std::hash<int>{}(1);
std::unordered_map<std::int64_t, std::string> by_number;
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
