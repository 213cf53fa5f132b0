#include "memory_state.hpp"
#include <gtest/gtest.h>
TEST(Sleep, Sleeps) {
  std::this_thread::sleep_for(1ms);  // expect: sleep
  usleep(3);                         // expect: sleep
  GTEST_SKIP() << "sleep(1)";        // expect: skipped-test
}
TEST(Sleep, DISABLED_Sleeps) {}      // expect: skipped-test
