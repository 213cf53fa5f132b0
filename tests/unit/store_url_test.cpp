#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>

#include "holdfast/open.hpp"

namespace holdfast {
namespace {

using std::chrono::milliseconds;

ErrorCode code_of(const auto& body, std::string* message = nullptr) {
  try {
    body();
  } catch (const Error& error) {
    if (message != nullptr) *message = error.what();
    return error.code();
  }
  ADD_FAILURE() << "no error was thrown";
  return ErrorCode::internal;
}

TEST(StoreUrl, IsTakenApart) {
  StoreUrl url("sqlite:/var/lib/a.db?durability=normal&readers=4");
  EXPECT_EQ(url.scheme(), "sqlite");
  EXPECT_EQ(url.body(), "/var/lib/a.db");
  EXPECT_EQ(url.take_text("durability"), "normal");
  EXPECT_EQ(url.take_number("readers"), 4U);
  EXPECT_EQ(url.take_number("readers"), std::nullopt);
  url.refuse_rest({"durability", "readers"});
}

TEST(StoreUrl, EmptyBodyAndTrailingQuestionMarkAreAllowed) {
  EXPECT_EQ(StoreUrl("memory:").body(), "");
  StoreUrl("memory:?").refuse_rest({});
}

TEST(StoreUrl, BodyIsDecodedOnRequestOnly) {
  const StoreUrl url("sqlite:a%20b%3Fc%25.db");
  EXPECT_EQ(url.body(), "a%20b%3Fc%25.db");
  EXPECT_EQ(url.decoded_body(), "a b?c%.db");
}

TEST(StoreUrl, EscapesInOptionsAreDecoded) {
  StoreUrl url("memory:?na%6De=a%26b%3Dc");
  EXPECT_EQ(url.take_text("name"), "a&b=c");
}

TEST(StoreUrl, TextWithoutASchemeIsRefused) {
  for (const char* text : {"", "agent.db", ":x", "SQLITE:x", "sq lite:x", "/a/b:c"}) {
    EXPECT_EQ(code_of([&] { StoreUrl url(text); }), ErrorCode::invalid_argument) << text;
  }
}

TEST(StoreUrl, BadEscapesAreRefused) {
  for (const char* text : {"memory:?a=%", "memory:?a=%4", "memory:?a=%zz", "memory:?a=%00"}) {
    EXPECT_EQ(code_of([&] { StoreUrl url(text); }), ErrorCode::invalid_argument) << text;
  }
  EXPECT_EQ(code_of([] { (void)StoreUrl("sqlite:a%").decoded_body(); }),
            ErrorCode::invalid_argument);
}

TEST(StoreUrl, OptionsWithoutNameOrGivenTwiceAreRefused) {
  for (const char* text : {"memory:?a", "memory:?=1", "memory:?a=1&a=2", "memory:?&"}) {
    EXPECT_EQ(code_of([&] { StoreUrl url(text); }), ErrorCode::invalid_argument) << text;
  }
}

TEST(StoreUrl, UnknownOptionIsRefusedNamingTheKnownOnes) {
  std::string message;
  EXPECT_EQ(
      code_of([] { StoreUrl("memory:?max_entrys=1").refuse_rest({"max_entries"}); }, &message),
      ErrorCode::invalid_argument);
  EXPECT_THAT(message,
              testing::AllOf(testing::HasSubstr("max_entrys"), testing::HasSubstr("max_entries")));
}

TEST(StoreUrl, SizesAndDurationsTakeUnits) {
  StoreUrl url("memory:?a=4096&b=64KiB&c=16MiB&d=2GiB&e=250ms&f=5s&g=2min&h=on&i=false");
  EXPECT_EQ(url.take_bytes("a"), 4096U);
  EXPECT_EQ(url.take_bytes("b"), 65'536U);
  EXPECT_EQ(url.take_bytes("c"), 16'777'216U);
  EXPECT_EQ(url.take_bytes("d"), 2'147'483'648U);
  EXPECT_EQ(url.take_duration("e"), milliseconds(250));
  EXPECT_EQ(url.take_duration("f"), milliseconds(5000));
  EXPECT_EQ(url.take_duration("g"), milliseconds(120'000));
  EXPECT_EQ(url.take_bool("h"), true);
  EXPECT_EQ(url.take_bool("i"), false);
}

TEST(StoreUrl, ValuesOfAnotherFormAreRefused) {
  for (const char* value : {"", "x", "-1", "1.5", "4kb", "99999999999999999999", "8589934592GiB"}) {
    EXPECT_EQ(code_of([&] { (void)StoreUrl(std::string("memory:?a=") + value).take_bytes("a"); }),
              ErrorCode::invalid_argument)
        << value;
    EXPECT_EQ(
        code_of([&] { (void)StoreUrl(std::string("memory:?a=") + value).take_duration("a"); }),
        ErrorCode::invalid_argument)
        << value;
    EXPECT_EQ(code_of([&] { (void)StoreUrl(std::string("memory:?a=") + value).take_bool("a"); }),
              ErrorCode::invalid_argument)
        << value;
  }
}

TEST(StoreUrl, ErrorsDoNotRepeatTheValue) {
  std::string message;
  EXPECT_EQ(
      code_of([] { (void)StoreUrl("memory:?readers=s3cret").take_number("readers"); }, &message),
      ErrorCode::invalid_argument);
  EXPECT_THAT(message, testing::Not(testing::HasSubstr("s3cret")));
}

TEST(BackendRegistry, UnknownSchemeNamesThoseThatExist) {
  BackendRegistry registry;
  registry.add("mine", [](StoreUrl, const OpenOptions&) { return nullptr; });
  std::string message;
  EXPECT_EQ(code_of([&] { (void)registry.open("yours:x"); }, &message),
            ErrorCode::invalid_argument);
  EXPECT_THAT(message, testing::HasSubstr("mine:"));
}

TEST(BackendRegistry, SchemeTakenOrMisspelledIsRefused) {
  BackendRegistry registry;
  const auto factory = [](StoreUrl, const OpenOptions&) { return nullptr; };
  registry.add("mine", factory);
  EXPECT_EQ(code_of([&] { registry.add("mine", factory); }), ErrorCode::invalid_argument);
  for (const char* scheme : {"", "Mine", "a:b", "a b"}) {
    EXPECT_EQ(code_of([&] { registry.add(scheme, factory); }), ErrorCode::invalid_argument)
        << scheme;
  }
}

}  // namespace
}  // namespace holdfast
