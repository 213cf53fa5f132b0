// GCC 12 destroyed the members of an aggregate within an aggregate twice when a later initialiser
// threw: a bad pattern in a query's braces damaged the heap of whoever wrote it. AddressSanitizer
// sees it return.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "holdfast/error.hpp"
#include "holdfast/query.hpp"

namespace holdfast {
namespace {

std::size_t limit_of(const MemoryQuery& query) { return query.limit; }

TEST(ThrowingInitialiser, LeavesAQueryInBracesWhole) {
  const std::string trailing_backslash = "abc\\";
  for (int i = 0; i < 10; ++i) {
    EXPECT_THROW((void)limit_of({.scope = {"n", true}, .key_pattern = trailing_backslash}), Error);
    EXPECT_THROW((void)limit_of({.scope = {"n", true}, .filter = Filter::parse("{")}), Error);
    EXPECT_THROW((void)limit_of({.scope = {"a//b", true}}), Error);
  }
}

TEST(ThrowingInitialiser, LeavesAddressesInBracesWhole) {
  const std::string key(100, 'k');
  for (int i = 0; i < 10; ++i) {
    EXPECT_THROW((void)(std::vector<Address>{{"a", key}, {"b", key}, {"c//d", key}}), Error);
  }
}

}  // namespace
}  // namespace holdfast
