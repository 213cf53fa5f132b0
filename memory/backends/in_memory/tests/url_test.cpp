#include <gmock/gmock.h>

#include "holdfast/open.hpp"
#include "support.hpp"

namespace holdfast {
namespace {

Memory open_url(const std::string& url) {
  BackendRegistry registry;
  register_in_memory(registry);
  return registry.open(url);
}

TEST(InMemoryUrl, EveryOptionIsUnderstood) {
  Memory memory = open_url(
      "memory:?max_entries=10&max_bytes=1MiB&max_value_bytes=1KiB&eviction=s3fifo&change_log=on"
      "&quota=users/42:entries=3:bytes=2KiB,tenants:entries=5,a%252Cb:bytes=9999");
  const MemoryStats stats = memory.stats();
  EXPECT_EQ(stats.limits.max_entries, 10U);
  EXPECT_EQ(stats.limits.max_bytes, std::uint64_t{1} << 20);
  EXPECT_EQ(stats.limits.max_value_bytes, 1024U);
  EXPECT_TRUE(memory.capabilities().eviction);
  EXPECT_TRUE(memory.capabilities().change_log);
  EXPECT_TRUE(stats.details["quotas"].find("users/42").has_value());
  EXPECT_TRUE(stats.details["quotas"].find("a,b").has_value());
}

TEST(InMemoryUrl, BareSchemeOpensAStoreWithoutLimits) {
  Memory memory = open_url("memory:");
  EXPECT_FALSE(memory.stats().limits.max_entries);
  EXPECT_FALSE(memory.capabilities().eviction);
  EXPECT_FALSE(memory.capabilities().change_log);
}

TEST(InMemoryUrl, WrongOptionsAreRefused) {
  for (const char* url :
       {"memory:file.db", "memory:?max_entry=1", "memory:?max_entries=0", "memory:?max_entries=x",
        "memory:?max_bytes=1TB", "memory:?eviction=lfu", "memory:?eviction=lru",
        "memory:?change_log=maybe", "memory:?quota=", "memory:?quota=users",
        "memory:?quota=users:", "memory:?quota=users:rows=1", "memory:?quota=users:entries=0",
        "memory:?quota=a//b:entries=1", "memory:?quota=a:entries=1,a:entries=2",
        "memory:?quota=a:entries=1,", "memory:?max_value_bytes=17MiB"}) {
    EXPECT_EQ(code_of([&] { (void)open_url(url); }), ErrorCode::invalid_argument) << url;
  }
}

TEST(InMemoryUrl, UnknownOptionIsNamedWithThoseThatExist) {
  std::string message;
  (void)code_of([] { (void)open_url("memory:?max_entry=1"); }, &message);
  EXPECT_THAT(message,
              ::testing::AllOf(::testing::HasSubstr("max_entry"),
                               ::testing::HasSubstr("max_entries"), ::testing::HasSubstr("quota")));
}

}  // namespace
}  // namespace holdfast
