#include "connection_string.hpp"

#include <gmock/gmock.h>

#include "engine_fixture.hpp"

namespace holdfast::postgresql {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(ConnectionString, TakesUrisAndPairs) {
  const ConnectionString uri(
      "postgresql://agent:p%40ss@db.example.org:6432/"
      "memory?sslmode=require&target_session_attrs=any");
  EXPECT_TRUE(uri.has("sslmode"));
  EXPECT_FALSE(uri.has("options"));
  EXPECT_EQ(uri.password(), "p@ss");
  EXPECT_EQ(uri.description(),
            "host 'db.example.org', port '6432', database 'memory', user 'agent'");
  const ConnectionString pairs("host=/run/pg dbname='my db' password='it s'");
  EXPECT_EQ(pairs.description(), "host '/run/pg', database 'my db'");
}

TEST(ConnectionString, ReadsItsOwnTextBack) {
  ConnectionString written("host=h");
  written.set("password", R"(a'b\c d=e)");
  written.set("user", "");
  const ConnectionString read(written.text());
  EXPECT_EQ(read.password(), R"(a'b\c d=e)");
  EXPECT_EQ(read.text(), written.text());
}

TEST(ConnectionString, LeavesOutWhatLibpqIsToFind) {
  const ConnectionString empty("");
  EXPECT_EQ(empty.text(), "");
  EXPECT_EQ(empty.password(), "");
  EXPECT_EQ(empty.description(), "the server that libpq's defaults name");
}

class RefusedConnectionString : public ::testing::TestWithParam<std::string> {};

TEST_P(RefusedConnectionString, IsNotRepeated) {
  const auto error = error_thrown_by([] { ConnectionString refused(GetParam()); });
  ASSERT_NE(error, nullptr);
  EXPECT_EQ(error->code(), ErrorCode::invalid_argument);
  EXPECT_THAT(error->what(), Not(HasSubstr("tiger")));
  EXPECT_EQ(error->cause(), "");
}

INSTANTIATE_TEST_SUITE_P(
    All, RefusedConnectionString,
    ::testing::Values("tiger", "mysql://u:tiger@h/d", "host=h tiger=1", "password='tiger",
                      "postgresql://u:tiger@h/d?tiger=1", "postgresql://u:ti@ger@h/d",
                      "postgresql://u:pass@tiger@h", "postgresql://u:tiger/x@h/d",
                      "postgresql://u:tiger?x@h/d", "postgresql://h?password=tiger@x",
                      "postgresql://u:tiger%zz@h/d", "dbname='postgresql://u:tiger@h/d'",
                      "dbname='host=h password=tiger'", std::string("host=tiger\0x", 12)),
    [](const auto& instance) { return std::to_string(instance.index); });

TEST(ConnectionString, AllowsAtSignsThatCanMeanOneThingOnly) {
  const ConnectionString query("postgresql:///d?user=agent@tenant&host=h");
  EXPECT_EQ(query.description(), "host 'h', database 'd', user 'agent@tenant'");
  const ConnectionString pairs("host=h password=a@b@c");
  EXPECT_EQ(pairs.password(), "a@b@c");
}

TEST(ConnectionString, KnowsTheKeywordsOfLibpq) {
  for (const char* const keyword : {"host", "sslmode", "target_session_attrs", "options"}) {
    EXPECT_TRUE(ConnectionString::is_known(keyword)) << keyword;
  }
  for (const char* const keyword : {"", "hosts", "pool_size", "HOST"}) {
    EXPECT_FALSE(ConnectionString::is_known(keyword)) << keyword;
  }
}

}  // namespace
}  // namespace holdfast::postgresql
