#include "cursor.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <string>

#include "base64.hpp"

namespace holdfast {
namespace {

void expect_refused(const std::string& cursor) {
  try {
    (void)decode_cursor("query", cursor);
    ADD_FAILURE() << "accepted " << cursor;
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::invalid_argument) << cursor;
  }
}

std::string forged(const MemoryValue& content) {
  return "hf1-" + encode_base64(std::as_bytes(std::span(content.json_text())));
}

TEST(Cursor, ReadsBackUnchanged) {
  const Position position{{Namespace("a/b%2Fc"), std::string("k\"\\\xF0\x9F\x90\x8B")}, 42};
  const Position read = decode_cursor("query", encode_cursor("query", position));
  EXPECT_EQ(read.address, position.address);
  EXPECT_EQ(read.revision, 42);
}

TEST(Cursor, OfAnotherQueryIsRefused) { expect_refused(encode_cursor("other query", {})); }

TEST(Cursor, DamagedTextIsRefused) {
  const std::string cursor = encode_cursor("query", {{Namespace("users/42"), "key"}, 7});
  for (std::size_t size = 0; size < cursor.size(); ++size) expect_refused(cursor.substr(0, size));
  expect_refused(cursor + "=");
  expect_refused("' OR 1=1 --");
  expect_refused(std::string(100'000, 'A'));
}

TEST(Cursor, ForgedContentIsRefused) {
  expect_refused(forged(MemoryValue()));
  expect_refused(forged(MemoryValue::list({1, 2, 3, 4})));
  expect_refused(forged(MemoryValue::list({"x", "7", "", ""})));
  expect_refused(forged(MemoryValue::list({"x", 7, "a//b", ""})));
  expect_refused(forged(MemoryValue::list({"x", 7, "a", std::string(2000, 'k')})));
  expect_refused(forged(MemoryValue::map({{"a", 1}, {"b", 2}, {"c", 3}, {"d", 4}})));
}

TEST(CursorBinding, CoversEveryPartOfAQueryButLimitAndCursor) {
  const std::string plain = text_of(MemoryQuery{});
  const auto changed = [&](const std::function<void(MemoryQuery&)>& change) {
    MemoryQuery query;
    change(query);
    return text_of(query) != plain;
  };
  EXPECT_TRUE(changed([](MemoryQuery& q) { q.scope.ns = "a"; }));
  EXPECT_TRUE(changed([](MemoryQuery& q) { q.scope.subtree = true; }));
  EXPECT_TRUE(changed([](MemoryQuery& q) { q.key_prefix = "a"; }));
  EXPECT_TRUE(changed([](MemoryQuery& q) { q.key_pattern = "a*"; }));
  EXPECT_TRUE(changed([](MemoryQuery& q) { q.filter = Filter::parse(R"({"a":1})"); }));
  EXPECT_TRUE(changed([](MemoryQuery& q) { q.created.from = Timestamp{}; }));
  EXPECT_TRUE(changed([](MemoryQuery& q) { q.created.until = Timestamp{}; }));
  EXPECT_TRUE(changed([](MemoryQuery& q) { q.updated.from = Timestamp{}; }));
  EXPECT_TRUE(changed([](MemoryQuery& q) { q.updated.until = Timestamp{}; }));
  EXPECT_TRUE(changed([](MemoryQuery& q) { q.order = OrderBy::created; }));
  EXPECT_TRUE(changed([](MemoryQuery& q) { q.direction = Direction::descending; }));
  EXPECT_TRUE(changed([](MemoryQuery& q) { q.keys_only = true; }));
  EXPECT_FALSE(changed([](MemoryQuery& q) { q.limit = 3; }));
  EXPECT_FALSE(changed([](MemoryQuery& q) { q.cursor = "x"; }));
}

}  // namespace
}  // namespace holdfast
