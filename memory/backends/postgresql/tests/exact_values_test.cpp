// Values that engines change come back as they were given, and their indexes find them.
#include <gtest/gtest.h>

#include "store_fixture.hpp"

namespace holdfast::postgresql {
namespace {

class ExactValuesTest : public StoreTest {
 protected:
  ExactValuesTest() {
    PostgresqlOptions options;
    options.connection = testing::shared_server_url();
    options.schema = new_schema();
    options.indexed_paths = {"v", "a.b"};
    memory_ = std::make_unique<Memory>(open_postgresql(options));
  }

  void expect_back(const std::string& json) {
    SCOPED_TRACE(json.substr(0, 100));
    const MemoryValue value = MemoryValue::parse(json);
    for (const char* const form : {R"({"v":)", R"({"a":{"b":)"}) {
      const std::string end = form == std::string(R"({"v":)") ? "}" : "}}";
      const MemoryValue given = MemoryValue::parse(form + json + end);
      memory_->set("n", "k", given);
      const auto got = memory_->get("n", "k");
      ASSERT_TRUE(got.has_value());
      EXPECT_EQ(got->json_text(), given.json_text());
      MemoryQuery query;
      query.scope = {"n"};
      query.filter = Filter::where(end == "}" ? "v" : "a.b", Filter::Operator::eq, value);
      const Page page = memory_->query(query);
      ASSERT_EQ(page.entries.size(), 1U);
      EXPECT_EQ(page.entries[0].value.json_text(), given.json_text());
    }
    memory_->set("n", "k", value);
    EXPECT_EQ(memory_->get("n", "k")->json_text(), value.json_text());
  }

  std::unique_ptr<Memory> memory_;
};

TEST_F(ExactValuesTest, NumbersComeBackToTheBitAndAreFound) {
  for (const char* const number :
       {"0", "-0.0", "0.0", "9007199254740993", "-9007199254740993", "9007199254740992.0",
        "9223372036854775807", "-9223372036854775808", "9223372036854775808.0", "1e308",
        "1.7976931348623157e308", "5e-324", "-5e-324", "2.2250738585072014e-308", "0.1", "1e21"}) {
    expect_back(number);
  }
}

TEST_F(ExactValuesTest, TextsComeBackToTheBitAndAreFound) {
  for (const char* const text :
       {R"("")", R"("\u0000")", R"("a\u0000b")", R"("\\u0000")", R"("\\\u0000")",
        R"("\u0001\u0010")", R"("\u007f\u0080\ud7ff\ue000\uffff")", R"("\ud83d\ude00")",
        R"("\"\\/\b\f\n\r\t")", R"({"\u0000":1,"":2})", R"(["\u0000",-0.0,null,{}])",
        R"({"$bytes":"AAEC"})"}) {
    expect_back(text);
  }
}

TEST_F(ExactValuesTest, TheLargestValueComesBackAndIsFound) {
  std::string text(max_value_bytes - sizeof(R"({"a":{"b":""}})") + 1, 'x');
  for (std::size_t i = 0; i < text.size(); i += 7) text[i] = static_cast<char>('a' + i % 26);
  expect_back('"' + text + '"');
}

TEST_F(ExactValuesTest, AKeyGivenTwiceIsRefused) {
  EXPECT_EQ(code_thrown_by([] { static_cast<void>(MemoryValue::parse(R"({"v":1,"v":2})")); }),
            ErrorCode::invalid_argument);
}

// What ends a batch is what comes first in it, also where a check and a write are sent as one.
TEST_F(ExactValuesTest, AnUnmetConditionComesBeforeALaterRefusal) {
  memory_->set("n", "text", "text");
  const auto entry = memory_->get_entry("n", "text");
  WriteBatch batch;
  batch.check("n", "text", Precondition::if_revision(entry->revision));
  batch.erase("n", "none", {.precondition = Precondition::if_present()});
  batch.increment("n", "text", 1);
  const BatchResult result = memory_->write(batch);
  EXPECT_FALSE(result.applied);
  EXPECT_EQ(result.failed, 1U);
}

}  // namespace
}  // namespace holdfast::postgresql
