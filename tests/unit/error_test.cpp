#include "holdfast/error.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace holdfast {
namespace {

constexpr ErrorCode all_codes[] = {
    ErrorCode::invalid_argument,  ErrorCode::failed_precondition,
    ErrorCode::out_of_range,      ErrorCode::resource_exhausted,
    ErrorCode::aborted,           ErrorCode::unavailable,
    ErrorCode::deadline_exceeded, ErrorCode::cancelled,
    ErrorCode::unsupported,       ErrorCode::corruption,
    ErrorCode::commit_unknown,    ErrorCode::permission_denied,
    ErrorCode::internal,
};

TEST(Error, EveryCodeHasANameOfItsOwn) {
  std::set<std::string_view> names;
  for (const ErrorCode code : all_codes) names.insert(to_string(code));
  EXPECT_EQ(names.size(), std::size(all_codes));
  EXPECT_EQ(to_string(ErrorCode::invalid_argument), "InvalidArgument");
  EXPECT_EQ(to_string(ErrorCode::commit_unknown), "CommitUnknown");
}

TEST(Error, WhatTellsEveryPartThatIsKnown) {
  const Error error(ErrorCode::unavailable, "the file is locked", {"sqlite", "set"},
                    "database is locked");
  EXPECT_STREQ(error.what(), "Unavailable in set (sqlite): the file is locked: database is locked");
  EXPECT_EQ(error.message(), "the file is locked");
  EXPECT_EQ(error.backend(), "sqlite");
  EXPECT_EQ(error.operation(), "set");
  EXPECT_EQ(error.cause(), "database is locked");
}

TEST(Error, WhatLeavesOutPartsThatAreNotKnown) {
  EXPECT_STREQ(Error(ErrorCode::internal, "odd").what(), "Internal: odd");
}

TEST(Error, OnlyWhatWasCertainlyNotAppliedIsRetryable) {
  for (const ErrorCode code : all_codes) {
    const bool expected = code == ErrorCode::aborted || code == ErrorCode::unavailable;
    EXPECT_EQ(Error(code, "").retryable(), expected) << to_string(code);
  }
}

TEST(Error, OriginFillsOnlyWhatWasEmpty) {
  const Error inner(ErrorCode::commit_unknown, "cut", {"sqlite", ""}, "cause", {"token"});
  const Error outer = inner.with_origin({"memory", "erase"});
  EXPECT_EQ(outer.backend(), "sqlite");
  EXPECT_EQ(outer.operation(), "erase");
  EXPECT_EQ(outer.message(), "cut");
  EXPECT_EQ(outer.cause(), "cause");
  EXPECT_EQ(outer.token().text, "token");
  EXPECT_STREQ(outer.what(), "CommitUnknown in erase (sqlite): cut: cause");
}

TEST(Error, ShorthandThrowsInvalidArgument) {
  try {
    throw_invalid_argument("too long");
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::invalid_argument);
    EXPECT_EQ(error.message(), "too long");
  }
}

}  // namespace
}  // namespace holdfast
