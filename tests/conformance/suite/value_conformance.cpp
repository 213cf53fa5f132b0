// Clause 2: values.
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

#include "expectations.hpp"
#include "suite_links.hpp"

namespace holdfast::conformance {

HOLDFAST_CONFORMANCE_LINK(value)
HOLDFAST_CONFORMANCE_SUITE_MAY_BE_EMPTY(ValueConformance);

namespace {

MemoryValue bytes_of(std::string_view text) {
  return MemoryValue::bytes(std::as_bytes(std::span(text)));
}

MemoryValue nested_lists(std::size_t levels) {
  return MemoryValue::parse(std::string(levels, '[') + std::string(levels, ']'));
}

// One of each kind, and those that stores like to change.
std::vector<MemoryValue> awkward_values() {
  using namespace std::string_view_literals;
  using Int64 = std::numeric_limits<std::int64_t>;
  using Double = std::numeric_limits<double>;
  return {
      nullptr,
      true,
      false,
      0,
      1,
      -1,
      Int64::max(),
      Int64::min(),
      9'007'199'254'740'993,
      0.0,
      -0.0,
      1.0,
      -1.5,
      0.1,
      1e2,
      1e300,
      -1e-300,
      9007199254740993.0,
      Double::max(),
      Double::min(),
      Double::denorm_min(),
      Double::epsilon(),
      "",
      "1",
      "1.0",
      "true",
      "null",
      "text",
      "\0"sv,
      "x\0y"sv,
      "quote\"back\\slash/",
      "line\nbreak\ttab\r\x01\x1f\x7f",
      "\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80",
      "\xef\xbf\xbf",
      "%s'; DROP TABLE entries; --",
      "\xef\xbb\xbf"
      "bom",
      bytes_of(""),
      bytes_of("\0\xff\x80 abc"sv),
      bytes_of("x"),
      bytes_of("xy"),
      bytes_of("xyz"),
      MemoryValue::list({}),
      MemoryValue::map({}),
      MemoryValue::list({1, 1.0, "1", true, nullptr, bytes_of("1"), MemoryValue::list({})}),
      MemoryValue::map({{"", 1}, {"a.b", 2}, {"$gt", 3}, {std::string("a\0b", 3), 4}}),
      MemoryValue::map({{"role", "user"}, {"content", MemoryValue::list({"hi", nullptr})}}),
      // Maps that look like the forms in which bytes are written.
      MemoryValue::map({{"$bytes", "QUJD"}}),
      MemoryValue::map({{"$bytes", "not base64!"}}),
      MemoryValue::map({{"$bytes", 1}}),
      MemoryValue::map({{"$bytes", "QUJD"}, {"x", 1}}),
      MemoryValue::map({{"$map", MemoryValue::map({{"$bytes", "QUJD"}})}}),
      MemoryValue::map({{"$map", MemoryValue::map({{"$map", bytes_of("q")}})}}),
      MemoryValue::map({{"$map", 1}}),
      MemoryValue::list({MemoryValue::map({{"$bytes", ""}})}),
      nested_lists(MemoryValue::max_depth),
  };
}

}  // namespace

TEST_P(ValueConformance, EveryKindComesBackEqualAndOfTheSameKind) {
  HOLDFAST_CLAUSE("2.1");
  const std::vector<MemoryValue> values = awkward_values();
  for (std::size_t i = 0; i < values.size(); ++i) {
    memory().set("values", std::to_string(i), values[i]);
  }
  for (std::size_t i = 0; i < values.size(); ++i) {
    const std::optional<MemoryValue> back = memory().get("values", std::to_string(i));
    ASSERT_TRUE(back.has_value());
    EXPECT_EQ(back->kind(), values[i].kind()) << values[i].json_text();
    EXPECT_EQ(*back, values[i]) << values[i].json_text() << " / " << back->json_text();
  }
}

TEST_P(ValueConformance, EveryWayOfReadingGivesTheSameValue) {
  HOLDFAST_CLAUSE("2.1");
  for (const MemoryValue& value : awkward_values()) {
    memory().set("a", "k", value);
    const std::vector<std::string> keys{"k"};
    EXPECT_EQ(memory().get_entry("a", "k")->value, value);
    EXPECT_EQ(memory().get_many("a", keys).front()->value, value);
    EXPECT_EQ(memory().query(query_of(only("a"))).entries.front().value, value);
    EXPECT_EQ(memory().query(query_of(below({}), OrderBy::created)).entries.front().value, value);
    EXPECT_EQ(memory().changes(0).changes.front().record->value, value);
    const WriteResult again = memory().set("a", "k", value, {.return_previous = true});
    EXPECT_EQ(again.previous->value, value);
    EXPECT_EQ(memory().take("a", "k")->value, value);
  }
}

TEST_P(ValueConformance, IntegersAndDoublesStayApart) {
  HOLDFAST_CLAUSE("2.1");
  memory().set("a", "int", 1);
  memory().set("a", "double", 1.0);
  EXPECT_EQ(memory().get("a", "int")->kind(), ValueKind::int64);
  EXPECT_EQ(memory().get("a", "double")->kind(), ValueKind::float64);
  EXPECT_NE(memory().get("a", "int"), memory().get("a", "double"));
  memory().set("a", "zero", -0.0);
  EXPECT_TRUE(std::signbit(memory().get("a", "zero")->get<double>()));
  memory().set("a", "big", 9'007'199'254'740'993);
  EXPECT_EQ(memory().get("a", "big")->get<std::int64_t>(), 9'007'199'254'740'993);
}

TEST_P(ValueConformance, OrderOfAMapsKeysIsNoPartOfIt) {
  HOLDFAST_CLAUSE("2.1");
  memory().set("a", "k", MemoryValue::map({{"z", 1}, {"a", 2}, {"m", 3}}));
  EXPECT_EQ(memory().get("a", "k"), MemoryValue::parse(R"({"m":3,"z":1,"a":2})"));
}

TEST_P(ValueConformance, ValuesOf16MebibytesAreStoredAndNoByteMore) {
  HOLDFAST_CLAUSE("2.1");
  const MemoryValue largest(std::string(max_value_bytes - 2, 'x'));  // And two quotes.
  ASSERT_EQ(largest.json_text().size(), max_value_bytes);
  memory().set("a", "large", largest);
  EXPECT_EQ(memory().get("a", "large"), largest);
  const MemoryValue too_large(std::string(max_value_bytes - 1, 'y'));
  EXPECT_TRUE(is_refused_as_invalid([&] { return memory().set("a", "large", too_large); }));
  EXPECT_TRUE(is_refused_as_invalid([&] { return memory().set("a", "other", too_large); }));
  EXPECT_EQ(memory().get("a", "large"), largest);
  EXPECT_FALSE(memory().exists("a", "other"));
}

TEST_P(ValueConformance, SizesAroundPagesAndBlocksComeBackWhole) {
  HOLDFAST_CLAUSE("2.1");
  std::vector<std::string> keys;
  for (const std::size_t size : {0U, 1U, 199U, 1023U, 1024U, 1500U, 2000U, 4095U, 4096U, 8191U,
                                 8192U, 8193U, 65'535U, 65'536U, 1'000'003U}) {
    keys.push_back(std::to_string(size));
    memory().set("sizes", keys.back(), std::string(size, 'v'));
  }
  for (const auto& entry : memory().get_many("sizes", keys)) {
    ASSERT_TRUE(entry.has_value());
    EXPECT_EQ(entry->value.get<std::string>().size(), std::stoul(entry->key));
  }
  for (const Entry& entry : all_pages(memory(), query_of(only("sizes"), OrderBy::created))) {
    EXPECT_EQ(entry.value.get<std::string>(), std::string(std::stoul(entry.key), 'v'));
  }
}

TEST_P(ValueConformance, JsonGoesInAndComesOutUnchanged) {
  HOLDFAST_CLAUSE("2.2");
  const auto json = nlohmann::json::parse(
      R"({"role":"assistant","content":null,"tool_calls":[{"id":"c1","arguments":"{\"x\":1.0}"}],
          "n":12345678901234567,"f":1.0,"$bytes":"QUJD"})");
  memory().set("chat", "1", MemoryValue::from_json(json));
  EXPECT_EQ(memory().get("chat", "1")->to_json(), json);
  EXPECT_EQ(memory().get("chat", "1"), MemoryValue::parse(json.dump()));
}

TEST_P(ValueConformance, BytesHaveAFormInJson) {
  HOLDFAST_CLAUSE("2.2");
  const MemoryValue bytes = MemoryValue::parse(R"({"$bytes":"QUJD"})");
  ASSERT_EQ(bytes.kind(), ValueKind::bytes);
  memory().set("a", "k", bytes);
  const std::optional<MemoryValue> back = memory().get("a", "k");
  EXPECT_EQ(back->kind(), ValueKind::bytes);
  EXPECT_EQ(*back, bytes_of("ABC"));
  // A map that only looks like it stays a map.
  const MemoryValue look_alike = MemoryValue::map({{"$bytes", "QUJD"}});
  memory().set("a", "k", look_alike);
  EXPECT_EQ(memory().get("a", "k")->kind(), ValueKind::map);
  EXPECT_EQ((*memory().get("a", "k"))["$bytes"], MemoryValue("QUJD"));
}

TEST_P(ValueConformance, WhatIsNoValueIsRefusedBeforeAStoreSeesIt) {
  HOLDFAST_CLAUSE("2.2");
  using Double = std::numeric_limits<double>;
  for (const double number : {Double::quiet_NaN(), Double::infinity(), -Double::infinity()}) {
    EXPECT_TRUE(is_refused_as_invalid([&] { return memory().set("a", "k", number); }));
  }
  const auto beyond = std::numeric_limits<std::uint64_t>::max();
  EXPECT_TRUE(is_refused_as_invalid([&] { return memory().set("a", "k", beyond); }));
  EXPECT_TRUE(is_refused_as_invalid([&] { return memory().set("a", "k", "\xff"); }));
  for (const char* text : {"9223372036854775808", "1e999", R"({"a":1,"a":2})", "", "[1", "nan"}) {
    EXPECT_TRUE(is_refused_as_invalid([&] { return MemoryValue::parse(text); })) << text;
  }
  EXPECT_TRUE(is_refused_as_invalid([] { return nested_lists(MemoryValue::max_depth + 1); }));
  EXPECT_TRUE(
      is_refused_as_invalid([] { return MemoryValue::parse(std::string(1'000'000, '[')); }));
  EXPECT_EQ(memory().count(below({})), 0U);
}

TEST_P(ValueConformance, StoredTextIsTheCanonicalJsonText) {
  HOLDFAST_CLAUSE("2.3");
  memory().set("a", "k", MemoryValue::parse(R"( { "b" : [ 1 , 1.50 ] , "a" : "\u00e9" } )"));
  EXPECT_EQ(memory().get("a", "k")->json_text(), "{\"a\":\"\xc3\xa9\",\"b\":[1,1.5]}");
}

TEST_P(ValueConformance, AValueOutlivesItsEntryAndItsStore) {
  HOLDFAST_CLAUSE("2.4");
  const std::string text(5000, 'x');
  std::optional<MemoryValue> kept;
  {
    Memory store = open(request());
    store.set("a", "k", MemoryValue::map({{"inner", text}}));
    kept = store.get("a", "k");
    store.set("a", "k", 1);
    EXPECT_EQ((*kept)["inner"], MemoryValue(text));
    store.erase("a", "k");
    store.close();
  }
  EXPECT_EQ((*kept)["inner"].get<std::string>(), text);
}

TEST_P(ValueConformance, ConversionIsStrict) {
  HOLDFAST_CLAUSE("2.4");
  memory().set("a", "int", 1);
  const MemoryValue value = *memory().get("a", "int");
  EXPECT_EQ(value.get<std::int64_t>(), 1);
  EXPECT_TRUE(throws(ErrorCode::failed_precondition, [&] { return value.get<double>(); }));
  EXPECT_TRUE(throws(ErrorCode::failed_precondition, [&] { return value.get<bool>(); }));
  EXPECT_TRUE(throws(ErrorCode::failed_precondition, [&] { return value.get<std::string>(); }));
  EXPECT_FALSE(value.get_if<double>().has_value());
}

}  // namespace holdfast::conformance
