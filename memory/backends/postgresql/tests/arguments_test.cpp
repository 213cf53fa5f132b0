#include "arguments.hpp"

#include <gmock/gmock.h>

#include "engine_fixture.hpp"

namespace holdfast::postgresql {
namespace {

using ::testing::ElementsAre;
using ::testing::IsNull;
using ::testing::StrEq;

TEST(ArrayText, QuotesWhatTheServerWouldTakeForSomethingElse) {
  ArrayText array;
  array.add("plain").add("").add("NULL").add("a,b{c}").add("\"\\").add_null();
  EXPECT_EQ(array.take(), R"({"plain","","NULL","a,b{c}","\"\\",NULL})");
}

TEST(ArrayText, HoldsNumbersAndTruthValues) {
  ArrayText numbers;
  numbers.add(std::int64_t{-9'223'372'036'854'775'807 - 1});
  numbers.add(std::optional<std::int64_t>(7)).add(std::optional<std::int64_t>());
  EXPECT_EQ(numbers.take(), "{-9223372036854775808,7,NULL}");
  ArrayText truths;
  EXPECT_EQ(truths.add(true).add(false).take(), "{t,f}");
}

TEST(ArrayText, BeginsAnewWhenItIsTakenOrCleared) {
  ArrayText array;
  EXPECT_EQ(array.take(), "{}");
  array.add("a");
  array.clear();
  EXPECT_EQ(array.add("b").take(), R"({"b"})");
  EXPECT_EQ(array.take(), "{}");
}

TEST(Arguments, ArePointersInOrderWithNullForNull) {
  Arguments arguments;
  arguments.add("literal").add(std::string_view("view")).add(std::string("text"));
  arguments.add(std::int64_t{-12}).add(true).add(false).add_null();
  arguments.add(std::optional<std::int64_t>(3)).add(std::optional<std::int64_t>());
  EXPECT_EQ(arguments.size(), 9U);
  EXPECT_THAT(arguments.pointers(),
              ElementsAre(StrEq("literal"), StrEq("view"), StrEq("text"), StrEq("-12"), StrEq("t"),
                          StrEq("f"), IsNull(), StrEq("3"), IsNull()));
}

class ArraysOnTheServer : public ConnectionTest {};

TEST_F(ArraysOnTheServer, ReadBackAsTheyWereAdded) {
  const std::vector<std::string> texts{"plain", "",         "NULL",   "null", "a b",
                                       " ",     "{}",       "a,b",    "\"",   "\\",
                                       "'",     "\\\"\n\t", "Zürich", "\x01", "\xf0\x9f\x90\x98"};
  ArrayText array;
  for (const std::string& text : texts) array.add(text);
  Arguments arguments;
  arguments.add(array.take());
  const auto connection = connect();
  const Rows rows =
      connection->execute({"unnest_texts", "SELECT unnest($1::text[])"}, arguments, {});
  ASSERT_EQ(rows.size(), texts.size());
  for (std::size_t row = 0; row < texts.size(); ++row) {
    EXPECT_FALSE(rows.is_null(row, 0));
    EXPECT_EQ(rows.text(row, 0), texts[row]);
  }
}

}  // namespace
}  // namespace holdfast::postgresql
