#include "errors.hpp"

#include <gmock/gmock.h>

#include <new>
#include <stdexcept>

#include "engine_fixture.hpp"

namespace holdfast::postgresql {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

// A state that a server reports, and what becomes of it.
struct Reported {
  std::string state;
  ErrorCode code;
  bool conflict = false;
  bool lost = false;
};

void PrintTo(const Reported& reported, std::ostream* out) { *out << reported.state; }

class ReportedState : public ConnectionTest, public ::testing::WithParamInterface<Reported> {};

// Raised by a server, since libpqxx has exceptions of its own for some states.
TEST_P(ReportedState, BecomesTheCodeThatTellsACallerWhatToDo) {
  const auto connection = connect();
  const auto error = error_thrown_by<EngineError>([&] {
    connection->execute_text(
        "DO $$BEGIN RAISE EXCEPTION 'told so' USING ERRCODE = '" + GetParam().state + "'; END$$",
        {});
  });
  ASSERT_NE(error, nullptr);
  EXPECT_EQ(to_string(error->code()), to_string(GetParam().code));
  EXPECT_EQ(error->is_conflict(), GetParam().conflict);
  EXPECT_EQ(error->connection_lost(), GetParam().lost);
  EXPECT_THAT(error->cause(), HasSubstr("told so"));
  EXPECT_EQ(error->backend(), "postgresql");
  EXPECT_EQ(connection->is_usable(), !GetParam().lost);
  if (!GetParam().lost) {
    EXPECT_EQ(error->sqlstate(), GetParam().state);
  }
}

INSTANTIATE_TEST_SUITE_P(
    All, ReportedState,
    ::testing::Values(
        Reported{"40001", ErrorCode::aborted, true}, Reported{"40P01", ErrorCode::aborted, true},
        Reported{"55P03", ErrorCode::aborted, true}, Reported{"23505", ErrorCode::aborted, true},
        Reported{"HF001", ErrorCode::aborted, true}, Reported{"HF002", ErrorCode::aborted, true},
        Reported{"HF003", ErrorCode::resource_exhausted},
        Reported{"HF004", ErrorCode::failed_precondition},
        Reported{"HF005", ErrorCode::unsupported}, Reported{"57014", ErrorCode::deadline_exceeded},
        Reported{"57P01", ErrorCode::unavailable, false, true},
        Reported{"57P02", ErrorCode::unavailable, false, true},
        Reported{"57P03", ErrorCode::unavailable, false, true},
        Reported{"08006", ErrorCode::unavailable, false, true},
        Reported{"53300", ErrorCode::unavailable}, Reported{"53100", ErrorCode::resource_exhausted},
        Reported{"53200", ErrorCode::resource_exhausted},
        Reported{"53400", ErrorCode::resource_exhausted},
        Reported{"42501", ErrorCode::permission_denied},
        Reported{"28000", ErrorCode::permission_denied},
        Reported{"25006", ErrorCode::permission_denied},
        Reported{"3D000", ErrorCode::failed_precondition},
        Reported{"3F000", ErrorCode::failed_precondition},
        Reported{"42P01", ErrorCode::failed_precondition},
        Reported{"42883", ErrorCode::failed_precondition}, Reported{"XX001", ErrorCode::corruption},
        Reported{"XX002", ErrorCode::corruption}, Reported{"XX000", ErrorCode::internal},
        Reported{"42601", ErrorCode::internal}, Reported{"23502", ErrorCode::internal},
        Reported{"P0001", ErrorCode::internal}),
    [](const auto& instance) { return instance.param.state; });

class ServersWords : public ConnectionTest {};

TEST_F(ServersWords, AreTheMessageWhereTheStoreItselfRefuses) {
  const auto connection = connect();
  for (const char* const state : {"HF003", "HF004", "HF005"}) {
    const auto error = error_thrown_by<EngineError>([&] {
      connection->execute_text(
          "DO $$BEGIN RAISE EXCEPTION E'no room:  none\\nat all' USING "
          "DETAIL = 'more', ERRCODE = '" +
              std::string(state) + "'; END$$",
          {});
    });
    ASSERT_NE(error, nullptr);
    EXPECT_EQ(error->message(), "no room:  none");
  }
}

TEST_F(ServersWords, AreTheCauseOtherwise) {
  const auto connection = connect();
  const auto error = error_thrown_by<EngineError>([&] {
    connection->execute({"broken", "SELECT broken"}, {}, {});
  });
  ASSERT_NE(error, nullptr);
  EXPECT_THAT(error->message(), HasSubstr("PostgreSQL failed while executing broken"));
  EXPECT_THAT(error->message(), Not(HasSubstr("42703")));
  EXPECT_THAT(error->cause(), HasSubstr("(SQLSTATE 42703)"));
}

TEST(Translation, LetsErrorsOfHoldfastAndMissingMemoryPass) {
  const auto translated = [](const auto& exception) {
    try {
      throw exception;
    } catch (...) {
      rethrow_translated("testing");
    }
  };
  EXPECT_EQ(code_thrown_by([&] { translated(Error(ErrorCode::corruption, "mine")); }),
            ErrorCode::corruption);
  EXPECT_THROW(translated(std::bad_alloc()), std::bad_alloc);
  const auto error = error_thrown_by([&] { translated(std::runtime_error("odd")); });
  ASSERT_NE(error, nullptr);
  EXPECT_EQ(error->code(), ErrorCode::internal);
  EXPECT_EQ(error->cause(), "odd");
}

TEST(Blotting, HidesASecretHoweverItIsWritten) {
  EXPECT_EQ(blotted("a p@ss b p%40ss c %70%40%73s d", "p@ss"), "a *** b *** c *** d");
  EXPECT_EQ(blotted("p%2fs and p%2Fs and p/s", "p/s"), "*** and *** and ***");
  EXPECT_EQ(blotted("p%40ss and p@ss and p%2540ss", "p%40ss"), "*** and *** and ***");
}

TEST(Blotting, LeavesTheRestAlone) {
  EXPECT_EQ(blotted("nothing of it: p@s", "p@ss"), "nothing of it: p@s");
  EXPECT_EQ(blotted("text", ""), "text");
  EXPECT_EQ(blotted("", "secret"), "");
  EXPECT_EQ(blotted("100%", "1%"), "100%");
}

}  // namespace
}  // namespace holdfast::postgresql
