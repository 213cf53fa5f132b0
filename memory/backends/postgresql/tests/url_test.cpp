// URLs and options that are refused before any server is asked.
#include <gmock/gmock.h>

#include "store_fixture.hpp"

namespace holdfast::postgresql {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using ::testing::HasSubstr;
using ::testing::Not;

// Nobody listens there: whoever is not refused is Unavailable.
constexpr const char* nowhere = "postgresql://agent@127.0.0.1:1/memory";

std::unique_ptr<Error> refusal_of(const std::string& url) {
  BackendRegistry registry;
  register_postgresql(registry);
  return error_thrown_by([&] { Memory memory = registry.open(url); });
}

void expect_refused(const std::string& url, const std::string& words) {
  const auto error = refusal_of(url);
  ASSERT_NE(error, nullptr) << url;
  EXPECT_EQ(to_string(error->code()), to_string(ErrorCode::invalid_argument)) << error->what();
  EXPECT_THAT(error->message(), HasSubstr(words)) << url;
}

TEST(PostgresqlUrl, NamesTheOptionsThereAreWhereOneIsUnknown) {
  const auto error = refusal_of(std::string(nowhere) + "?pool=3");
  ASSERT_NE(error, nullptr);
  EXPECT_EQ(error->code(), ErrorCode::invalid_argument);
  EXPECT_THAT(error->message(), HasSubstr("pool"));
  for (const char* const name :
       {"schema", "create", "read_only", "durability", "pool_size", "pool_wait", "idle_check",
        "retry_for", "statement_timeout", "prepare", "change_log", "index", "max_entries",
        "max_bytes", "max_value_bytes", "vector_cache", "connection parameters of libpq"}) {
    EXPECT_THAT(error->message(), HasSubstr(name));
  }
}

TEST(PostgresqlUrl, SaysWhatAnOptionTakes) {
  const std::string base = std::string(nowhere) + "?";
  expect_refused(base + "pool_size=0", "1 to 1000");
  expect_refused(base + "pool_size=1001", "1 to 1000");
  expect_refused(base + "pool_size=many", "pool_size");
  expect_refused(base + "pool_wait=5", "pool_wait");
  expect_refused(base + "retry_for=1441min", "24 hours");
  expect_refused(base + "idle_check=1441min", "24 hours");
  expect_refused(base + "statement_timeout=1441min", "24 hours");
  expect_refused(base + "statement_timeout=1s&prepare=off", "ALTER ROLE");
  expect_refused(base + "durability=some", "normal");
  expect_refused(base + "create=perhaps", "create");
  expect_refused(base + "schema=pg_catalog", "63 letters");
  expect_refused(base + "schema=a%20b", "63 letters");
  expect_refused(base + "max_value_bytes=0", "max_value_bytes");
  expect_refused(base + "max_value_bytes=17MiB", "16777216");
  expect_refused(base + "read_only=on&change_log=on", "read_only");
  expect_refused(base + "index=%24bytes", "cannot be indexed");
  expect_refused(base + "pool_size=3&pool_size=4", "pool_size");
  expect_refused("postgresql:memory", "connection");
}

TEST(PostgresqlUrl, TakesEveryOption) {
  const std::string url =
      std::string(nowhere) +
      "?schema=agents&create=on&read_only=off&durability=normal&pool_size=1000&pool_wait=1s&"
      "idle_check=1s&retry_for=0ms&statement_timeout=10s&prepare=on&change_log=on&"
      "index=role,meta.topic&max_entries=10&max_bytes=1MiB&max_value_bytes=16MiB&"
      "vector_cache=0&"
      "connect_timeout=5&application_name=planner&sslmode=disable&target_session_attrs=any";
  const auto error = refusal_of(url);
  ASSERT_NE(error, nullptr);
  EXPECT_EQ(to_string(error->code()), to_string(ErrorCode::unavailable)) << error->what();
}

TEST(PostgresqlUrl, IsNotRepeatedWhereItMayHoldAPassword) {
  for (const char* const url :
       {"postgresql://agent:ti@ger@h/d", "postgresql://agent:tiger/x@h/d", "postgresql:agent:tiger",
        "postgresql://agent:tiger@127.0.0.1:1/d?pool_size=0",
        "postgresql://agent:tiger@127.0.0.1:1/d?nothing=1",
        "postgresql://agent@127.0.0.1:1/d?password=tiger&nothing=1",
        "postgresql://agent:tiger@127.0.0.1:1/d"}) {
    const auto error = refusal_of(url);
    ASSERT_NE(error, nullptr);
    EXPECT_THAT(error->what() + (": " + error->cause()), Not(HasSubstr("ger"))) << url;
  }
}

TEST(PostgresqlOptionsInCode, AreHeldToTheSameLimits) {
  const auto expect_code = [](const std::function<void(PostgresqlOptions&)>& change) {
    PostgresqlOptions options;
    options.connection = nowhere;
    change(options);
    return code_thrown_by([&] { try_opening(options); });
  };
  using O = PostgresqlOptions;
  const ErrorCode refused = ErrorCode::invalid_argument;
  EXPECT_EQ(expect_code([](O& o) { o.pool_size = 0; }), refused);
  EXPECT_EQ(expect_code([](O& o) { o.pool_size = 1001; }), refused);
  EXPECT_EQ(expect_code([](O& o) { o.pool_wait = milliseconds(-1); }), refused);
  EXPECT_EQ(expect_code([](O& o) { o.idle_check = hours(25); }), refused);
  EXPECT_EQ(expect_code([](O& o) { o.retry_for = milliseconds(-1); }), refused);
  EXPECT_EQ(expect_code([](O& o) { o.statement_timeout = hours(25); }), refused);
  EXPECT_EQ(expect_code([](O& o) { o.max_value_bytes = 0; }), refused);
  EXPECT_EQ(expect_code([](O& o) { o.max_value_bytes = max_value_bytes + 1; }), refused);
  EXPECT_EQ(expect_code([](O& o) { o.connection = "no_such_keyword=1"; }), refused);
  EXPECT_EQ(expect_code([](O& o) { o.indexed_paths = {Path("a.$map")}; }), refused);
  EXPECT_EQ(expect_code([](O&) {}), ErrorCode::unavailable);
}

}  // namespace
}  // namespace holdfast::postgresql
