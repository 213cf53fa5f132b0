#include "holdfast/shared_text.hpp"

#include <gtest/gtest.h>

#include <latch>
#include <string>
#include <thread>
#include <vector>

#include "holdfast/error.hpp"
#include "text_builder.hpp"

namespace holdfast {
namespace {

/// A block on the stack that counts how often it was let go.
struct CountedBlock : SharedBlock {
  CountedBlock() : SharedBlock(&count) {}
  static void count(const SharedBlock* block) noexcept {
    ++static_cast<const CountedBlock*>(block)->destroyed;
  }
  mutable int destroyed = 0;
};

TEST(SharedText, CopyOutlivesItsSource) {
  std::string source = "hello";
  const SharedText text = SharedText::copy_of(source);
  source = "other";
  EXPECT_EQ(text.view(), "hello");
}

TEST(SharedText, EmptyTextNeedsNoBlock) {
  EXPECT_EQ(SharedText().view(), "");
  EXPECT_EQ(SharedText::copy_of("").view(), "");
}

TEST(SharedText, StaticTextIsNotCopied) {
  static constexpr std::string_view literal = "literal";
  EXPECT_EQ(SharedText::of_static(literal).view().data(), literal.data());
}

TEST(SharedText, BlockGoesWithTheLastHandle) {
  const CountedBlock block;
  {
    SharedText first = SharedText::sharing(&block, "text");
    block.release();  // the creator's own reference
    {
      const SharedText part = first.narrowed_to(first.view().substr(1, 2));
      const SharedText copy = part;
      first = SharedText();
      EXPECT_EQ(copy.view(), "ex");
      EXPECT_EQ(block.destroyed, 0);
    }
    EXPECT_EQ(block.destroyed, 1);
  }
  EXPECT_EQ(block.destroyed, 1);
}

TEST(SharedText, MoveAndSelfAssignmentKeepTheCount) {
  const CountedBlock block;
  {
    SharedText text = SharedText::sharing(&block, "text");
    block.release();
    SharedText moved = std::move(text);
    SharedText& alias = moved;
    moved = alias;
    EXPECT_EQ(moved.view(), "text");
    EXPECT_EQ(block.destroyed, 0);
  }
  EXPECT_EQ(block.destroyed, 1);
}

TEST(SharedText, ManyThreadsCopyAndDropOneText) {
  const CountedBlock block;
  {
    const SharedText shared = SharedText::sharing(&block, "text");
    block.release();
    std::latch start(4);
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([&] {
        start.arrive_and_wait();
        for (int round = 0; round < 10'000; ++round) {
          const SharedText copy = shared;
          const SharedText part = copy.narrowed_to(copy.view().substr(1));
          ASSERT_EQ(part.view(), "ext");
        }
      });
    }
  }
  EXPECT_EQ(block.destroyed, 1);
}

TEST(TextBuilder, GrowsAndTrims) {
  TextBuilder builder(0);
  std::string expected;
  for (int i = 0; i < 1000; ++i) {
    builder.append('x');
    builder.append("yz");
    expected += "xyz";
  }
  EXPECT_EQ(builder.view(), expected);
  EXPECT_EQ(builder.finish().view(), expected);
  EXPECT_EQ(builder.size(), 0U);
  EXPECT_EQ(builder.finish().view(), "");
}

TEST(TextBuilder, RefusesMoreThanTheLargestSizeAtOnce) {
  try {
    TextBuilder builder(TextBuilder::max_size + 1);
    FAIL() << "not refused";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::resource_exhausted);
  }
}

TEST(TextBuilder, RefusesToGrowPastTheLargestSize) {
  TextBuilder builder(16);
  builder.append("text");
  EXPECT_THROW(builder.ensure_room(TextBuilder::max_size - 3), Error);
  EXPECT_EQ(builder.view(), "text");
}

}  // namespace
}  // namespace holdfast
