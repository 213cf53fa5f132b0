// As differential_test.cpp, for longer.
#include <gtest/gtest.h>

#include "differential_run.hpp"

namespace holdfast::differential {

TEST(LongDifferential, AllStoresGiveTheSameAnswers) { expect_that_stores_agree(60'000); }

}  // namespace holdfast::differential
