// Construction, kinds and strict reading of single values.
#include <gtest/gtest.h>
#include <sys/mman.h>

#include <cstdlib>
#include <limits>

#include "value_samples.hpp"

namespace holdfast {
namespace {

using namespace std::string_literals;

struct KindSample {
  MemoryValue value;
  ValueKind kind;
  std::string_view name;
};

std::vector<KindSample> one_of_each() {
  return {{nullptr, ValueKind::null, "null"},
          {true, ValueKind::boolean, "bool"},
          {42, ValueKind::int64, "int64"},
          {1.5, ValueKind::float64, "double"},
          {"x", ValueKind::string, "string"},
          {MemoryValue::bytes(Bytes(3)), ValueKind::bytes, "bytes"},
          {MemoryValue::list({1}), ValueKind::list, "list"},
          {MemoryValue::map({{"k", 1}}), ValueKind::map, "map"}};
}

/// `get<T>` and `get_if<T>` succeed for `kind` alone, and the refusal names both kinds.
template <typename T>
void expect_strict(ValueKind kind) {
  for (const KindSample& sample : one_of_each()) {
    const MemoryValue& value = sample.value;
    EXPECT_EQ(value.get_if<T>().has_value(), sample.kind == kind) << sample.name;
    const std::optional<Error> error = error_of([&] { return value.get<T>(); });
    ASSERT_EQ(error.has_value(), sample.kind != kind) << sample.name;
    if (!error) continue;
    EXPECT_EQ(error->code(), ErrorCode::failed_precondition);
    EXPECT_NE(error->message().find(sample.name), std::string::npos) << error->message();
    EXPECT_NE(error->message().find(to_string(kind)), std::string::npos) << error->message();
  }
}

TEST(ValueKind, EachValueKnowsItsKindAndName) {
  for (const KindSample& sample : one_of_each()) {
    EXPECT_EQ(sample.value.kind(), sample.kind) << sample.name;
    EXPECT_EQ(to_string(sample.kind), sample.name);
    EXPECT_EQ(sample.value.is_null(), sample.kind == ValueKind::null);
  }
}

TEST(ValueKind, GetIsStrictForBool) { expect_strict<bool>(ValueKind::boolean); }
TEST(ValueKind, GetIsStrictForInt64) { expect_strict<std::int64_t>(ValueKind::int64); }
TEST(ValueKind, GetIsStrictForDouble) { expect_strict<double>(ValueKind::float64); }
TEST(ValueKind, GetIsStrictForString) { expect_strict<std::string>(ValueKind::string); }
TEST(ValueKind, GetIsStrictForBytes) { expect_strict<Bytes>(ValueKind::bytes); }

TEST(ValueKind, OnlyEqualKindsWithEqualContentAreEqual) {
  const std::vector<KindSample> samples = one_of_each();
  for (std::size_t i = 0; i < samples.size(); ++i) {
    for (std::size_t j = 0; j < samples.size(); ++j) {
      EXPECT_EQ(samples[i].value == samples[j].value, i == j) << i << " " << j;
    }
  }
  EXPECT_NE(MemoryValue(1), MemoryValue(1.0));
  EXPECT_NE(MemoryValue(0.0), MemoryValue(-0.0));
  EXPECT_NE(MemoryValue("1"), MemoryValue(1));
}

TEST(ValueKind, FromCanonicalTellsTheSameKind) {
  for (const KindSample& sample : one_of_each()) {
    const auto read = MemoryValue::from_canonical(SharedText::copy_of(sample.value.json_text()));
    EXPECT_EQ(read.kind(), sample.kind);
    EXPECT_EQ(read, sample.value);
  }
}

TEST(ValueKind, DefaultIsNull) {
  EXPECT_TRUE(MemoryValue().is_null());
  EXPECT_EQ(MemoryValue().json_text(), "null");
}

TEST(ValueKind, IntegersKeepTheirValueToTheLimits) {
  constexpr auto max = std::numeric_limits<std::int64_t>::max();
  constexpr auto min = std::numeric_limits<std::int64_t>::min();
  constexpr std::int64_t beyond_double = (std::int64_t{1} << 53U) + 1;
  constexpr std::int64_t integers[] = {min, min + 1, -beyond_double, -10,     -9, -1, 0,
                                       9,   10,      beyond_double,  max - 1, max};
  for (const std::int64_t integer : integers) {
    const MemoryValue value(integer);
    EXPECT_EQ(value.get<std::int64_t>(), integer);
    EXPECT_EQ(value.json_text(), std::to_string(integer));
    EXPECT_EQ(parsed(value.json_text()), value);
  }
}

TEST(ValueKind, UnsignedIntegersAboveInt64AreRefused) {
  EXPECT_EQ(MemoryValue(std::uint64_t{9223372036854775807U}).get<std::int64_t>(),
            std::numeric_limits<std::int64_t>::max());
  EXPECT_EQ(code_of([] { return MemoryValue(std::uint64_t{9223372036854775808U}); }),
            ErrorCode::invalid_argument);
}

TEST(ValueKind, DoublesHaveTheShortestTextWithAPointOrAnExponent) {
  EXPECT_EQ(MemoryValue(1.0).json_text(), "1.0");
  EXPECT_EQ(MemoryValue(-0.0).json_text(), "-0.0");
  EXPECT_EQ(MemoryValue(0.1).json_text(), "0.1");
  EXPECT_EQ(MemoryValue(1e300).json_text(), "1e+300");
  EXPECT_EQ(MemoryValue(5e-324).json_text(), "5e-324");
  EXPECT_EQ(MemoryValue(std::numeric_limits<double>::max()).json_text(), "1.7976931348623157e+308");
  EXPECT_EQ(MemoryValue(-std::numeric_limits<double>::max()).json_text().size(), 24U);
}

TEST(ValueKind, RandomDoublesReadBackBitForBit) {
  RandomValues random(7);
  for (int i = 0; i < 20'000; ++i) {
    const double number = random.number();
    const MemoryValue value(number);
    ASSERT_EQ(std::bit_cast<std::uint64_t>(value.get<double>()),
              std::bit_cast<std::uint64_t>(number));
    ASSERT_EQ(parsed(value.json_text()), value);
  }
}

TEST(ValueKind, DenormalsReadBackBitForBit) {
  for (std::uint64_t bits = 1; bits < (std::uint64_t{1} << 52U); bits *= 3) {
    const auto number = std::bit_cast<double>(bits);
    EXPECT_EQ(parsed(MemoryValue(number).json_text()).get<double>(), number);
  }
}

TEST(ValueKind, NanAndInfinitiesAreRefused) {
  for (const double number :
       {std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity(),
        -std::numeric_limits<double>::infinity()}) {
    EXPECT_EQ(code_of([=] { return MemoryValue(number); }), ErrorCode::invalid_argument);
  }
}

TEST(ValueKind, StringsReadBackUnchanged) {
  const std::vector<std::string> texts = {"",
                                          "plain",
                                          "a\0b"s,
                                          "\0"s,
                                          "\"quoted\" \\ /",
                                          "\b\f\n\r\t\x01\x1F\x7F",
                                          "h\xC3\xA9llo",
                                          "\xF0\x9F\x98\x80\xE2\x82\xAC",
                                          std::string(1000, 'x') + "\n" + std::string(1000, 'y')};
  for (const std::string& text : texts) {
    const MemoryValue value(text);
    EXPECT_EQ(value.get<std::string>(), text);
    EXPECT_EQ(parsed(value.json_text()), value);
  }
}

TEST(ValueKind, EveryControlCharacterHasOneSpelling) {
  EXPECT_EQ(MemoryValue("\b\f\n\r\t\x01\x1F\x7F").json_text(),
            "\"\\b\\f\\n\\r\\t\\u0001\\u001f\x7F\"");
  for (int c = 0; c < 128; ++c) {
    const std::string text(1, static_cast<char>(c));
    EXPECT_EQ(MemoryValue(text).get<std::string>(), text) << c;
  }
}

TEST(ValueKind, StringsThatAreNotUtf8AreRefusedAtEveryOffset) {
  for (std::size_t offset = 0; offset < 20; ++offset) {
    std::string text(20, 'x');
    text[offset] = '\xC3';
    EXPECT_EQ(code_of([&] { return MemoryValue(text); }), ErrorCode::invalid_argument) << offset;
  }
  EXPECT_EQ(code_of([] { return MemoryValue("\xED\xA0\x80"); }), ErrorCode::invalid_argument);
}

TEST(ValueKind, BytesReadBackUnchanged) {
  for (std::size_t size = 0; size < 20; ++size) {
    Bytes bytes(size);
    for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::byte>(i * 37);
    const MemoryValue value = MemoryValue::bytes(bytes);
    EXPECT_EQ(value.get<Bytes>(), bytes);
    EXPECT_EQ(parsed(value.json_text()), value);
  }
}

/// Address space that is reserved but may not be touched: a size is refused before any reading.
TEST(ValueKind, ValuesOverOneGibibyteAreRefusedUnread) {
  constexpr std::size_t size = (std::size_t{1} << 30U) + 1;
  void* const reserved =
      mmap(nullptr, size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  ASSERT_NE(reserved, MAP_FAILED);
  const std::string_view text(static_cast<const char*>(reserved), size);
  EXPECT_EQ(code_of([&] { return MemoryValue(text); }), ErrorCode::resource_exhausted);
  EXPECT_EQ(code_of([&] { return MemoryValue::parse(text); }), ErrorCode::resource_exhausted);
  EXPECT_EQ(code_of([&] { return MemoryValue::bytes(std::as_bytes(std::span(text))); }),
            ErrorCode::resource_exhausted);
  munmap(reserved, size);
}

}  // namespace
}  // namespace holdfast
