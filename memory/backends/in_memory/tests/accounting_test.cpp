// The bytes that the store counts, against those that the C library's allocator gave.
#include <gtest/gtest.h>
#include <malloc.h>

#include <cmath>
#include <string>

#include "support.hpp"

namespace holdfast {
namespace {

constexpr int entries = 100'000;

struct Mix {
  std::string name;
  std::size_t key_bytes = 10;
  std::size_t value_bytes = 10;
  int namespaces = 1;
  bool expire = false;
  Eviction eviction = Eviction::none;
};

class InMemoryAccounting : public ::testing::TestWithParam<Mix> {
 protected:
  [[nodiscard]] static InMemoryOptions options() {
    InMemoryOptions options;
    options.eviction = GetParam().eviction;
    if (options.eviction != Eviction::none) options.max_entries = 2 * entries;
    return options;
  }
  static void fill(Memory& memory) {
    const Mix& mix = GetParam();
    SetOptions set_options;
    if (mix.expire) set_options.ttl = std::chrono::hours(1);
    for (int i = 0; i < entries; ++i) {
      std::string key = std::to_string(i);
      key.resize(mix.key_bytes, 'k');
      const Namespace ns = Namespace("users") / std::to_string(i % mix.namespaces);
      // Sizes from a half to three halves of the mean, quotes included.
      const std::size_t bytes =
          mix.value_bytes / 2 + static_cast<std::size_t>(i) * 7919 % (mix.value_bytes + 1);
      memory.set(ns, key, std::string(bytes, 'v'), set_options);
    }
  }
};

TEST_P(InMemoryAccounting, CountsWithinATenthOfWhatIsAllocated) {
  Memory memory = open_in_memory(options());
  const auto before = static_cast<double>(mallinfo2().uordblks);
  fill(memory);
  const double grown = static_cast<double>(mallinfo2().uordblks) - before;
  const auto counted = static_cast<double>(memory.stats().limited_bytes);
  EXPECT_LT(std::abs(counted - grown), 0.1 * grown)
      << counted / entries << " bytes an entry counted, " << grown / entries << " allocated";
  RecordProperty("allocated_per_entry", static_cast<int>(grown / entries));
  RecordProperty("counted_per_entry", static_cast<int>(counted / entries));
}

INSTANTIATE_TEST_SUITE_P(
    Mixes, InMemoryAccounting,
    ::testing::Values(Mix{.name = "Tiny"}, Mix{.name = "TinyExpiring", .expire = true},
                      Mix{.name = "Typical", .key_bytes = 100, .value_bytes = 200},
                      Mix{.name = "Messages", .key_bytes = 26, .value_bytes = 1000},
                      Mix{.name = "ManyNamespaces", .namespaces = 20'000},
                      Mix{.name = "NamespaceEach", .namespaces = entries},
                      Mix{.name = "Lru", .eviction = Eviction::lru},
                      Mix{.name = "S3Fifo", .eviction = Eviction::s3fifo}),
    [](const auto& mix) { return mix.param.name; });

TEST(InMemoryMemory, TypicalEntryTakesFewBytesInAll) {
  Memory memory = open_in_memory();
  const auto before = static_cast<double>(mallinfo2().uordblks);
  for (int i = 0; i < entries; ++i) {
    std::string key = std::to_string(i * 7919 % 1'000'003);
    key.resize(100, 'k');
    memory.set("n", key, std::string(198, 'v'));
  }
  const double grown = static_cast<double>(mallinfo2().uordblks) - before;
  EXPECT_LE(grown / entries, 507.0);
}

}  // namespace
}  // namespace holdfast
