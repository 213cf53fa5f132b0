// The program's `operator new`, which fails on demand, and what tests do with it.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <functional>
#include <new>

#include "holdfast/error.hpp"

namespace holdfast {

// Allocations of this thread until one fails; negative: none does.
extern thread_local long allocations_left;

struct FailedAllocation {
  bool struck = false;  // Whether an allocation failed.
  bool thrown = false;  // Whether the call did.
};

// Lets the allocation `ordinal` (from 0) of `call` fail.
inline FailedAllocation fail_allocation(long ordinal, const std::function<void()>& call) {
  FailedAllocation failed;
  allocations_left = ordinal;
  try {
    call();
  } catch (const std::bad_alloc&) {
    failed.thrown = true;
  } catch (const Error& error) {
    failed.thrown = true;
    EXPECT_EQ(error.code(), ErrorCode::resource_exhausted) << error.what();
  }
  failed.struck = allocations_left < 0;
  allocations_left = -1;
  return failed;
}

}  // namespace holdfast
