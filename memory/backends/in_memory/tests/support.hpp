// What the tests of the in-memory store have in common.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "holdfast/error.hpp"
#include "holdfast/in_memory.hpp"

namespace holdfast {

// The code that `call` fails with; a failure of the test where it does not fail.
inline ErrorCode code_of(const std::function<void()>& call, std::string* message = nullptr) {
  try {
    call();
  } catch (const Error& error) {
    if (message != nullptr) *message = error.message();
    return error.code();
  }
  ADD_FAILURE() << "nothing was thrown";
  return ErrorCode::internal;
}

inline Scope everything() { return {Namespace(), true}; }

inline void run_threads(int count, const std::function<void(int)>& body) {
  std::vector<std::thread> threads;
  for (int i = 0; i < count; ++i) threads.emplace_back(body, i);
  for (std::thread& thread : threads) thread.join();
}

inline std::vector<std::string> keys_of(Memory& memory, MemoryQuery query) {
  std::vector<std::string> keys;
  do {
    const Page page = memory.query(query);
    for (const Entry& entry : page.entries) {
      keys.push_back(std::string(entry.ns.text()) + ":" + entry.key);
    }
    query.cursor = page.cursor;
  } while (!query.cursor.empty());
  return keys;
}

}  // namespace holdfast
