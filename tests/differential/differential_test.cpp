// Every store of the build answers alike.
#include <gtest/gtest.h>

#include "differential_run.hpp"

namespace holdfast::differential {

TEST(Differential, AllStoresGiveTheSameAnswers) { expect_that_stores_agree(6'000); }

}  // namespace holdfast::differential
