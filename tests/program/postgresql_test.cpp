// The program on a store in a PostgreSQL server.
#include <utility>

#include "postgresql_server.hpp"
#include "program_runner.hpp"
#include "test_schema.hpp"

namespace holdfast::test {
namespace {

using nlohmann::json;

class OnPostgresql : public ProgramTest {
 protected:
  OnPostgresql() { store_ = url_of(testing::schema_for(folder_)); }

  static std::string url_of(std::string_view schema) {
    return testing::with_url_options(testing::shared_server_url(), {{"schema", schema}});
  }
  static RunResult diff(const std::string& left, const std::string& right,
                        std::vector<std::string> options = {}) {
    options.insert(options.begin(), {HOLDFAST_PROGRAM, "diff", left, right});
    return run_process(options);
  }
};

TEST_F(OnPostgresql, EntriesAreWrittenFoundAndErased) {
  EXPECT_EQ(done({"set", "users/42", "profile", R"({"name":"Ada","age":36})"}),
            "created, revision 1024\n");
  done({"set", "users/42", "note", "-", "--string"}, "ünï\n");
  EXPECT_EQ(done({"get", "users/42", "profile"}), "{\"age\":36,\"name\":\"Ada\"}\n");
  const auto grown_up = json_lines(
      done({"list", "users", "--recursive", "--filter", R"({"age":{"$gte":36}})", "--json"}));
  ASSERT_EQ(grown_up.size(), 1U);
  EXPECT_EQ(grown_up.front()["key"], "profile");
  EXPECT_EQ(done({"increment", "users/42", "visits", "--by", "5"}), "5\n");
  EXPECT_EQ(done({"count", "users", "--recursive"}), "3\n");
  EXPECT_EQ(run({"erase", "users/42", "note"}).exit_code, 0);
  EXPECT_EQ(run({"get", "users/42", "note"}).exit_code, 1);
}

TEST_F(OnPostgresql, TheStoreIsLookedAfter) {
  done({"set", "a", "k", "1"});
  EXPECT_EQ(json::parse(done({"stats", "--json"}))["backend"], "postgresql");
  EXPECT_TRUE(done({"health"}).starts_with("ok, "));
  EXPECT_EQ(done({"sweep", "--json"}), "0\n");
  refused(3, {"check"});
}

TEST_F(OnPostgresql, WhatASqliteFileExportsIsTheSameHereAndBack) {
  done({"set", "users/42", "b", R"({"n":1.0,"z":-0.0,"big":9007199254740993})"});
  done({"set", "", "root", R"("\u0000 ünï")"});
  done({"set", "a", "bytes", R"({"$bytes":"AAEC"})", "--ttl", "1d"});
  const std::string exported = done({"export"});
  const std::string file = write_file("all.jsonl", exported);
  store_ = "sqlite:" + path("m.db");
  EXPECT_EQ(done({"import", file}), "3 entries imported\n");
  EXPECT_EQ(done({"export"}), exported);
  const RunResult compared = diff(url_of(testing::schema_for(folder_)), store_);
  EXPECT_EQ(compared.exit_code, 0) << compared.out << compared.err;
  store_ = url_of(testing::schema_for(path("second")));
  EXPECT_EQ(done({"import", file}), "3 entries imported\n");
  EXPECT_EQ(done({"export"}), exported);
}

TEST_F(OnPostgresql, SubtreesOfTheStoreAreCompared) {
  done({"set", "a/x", "k", "1"});
  done({"set", "b/x", "k", "1"});
  const RunResult times = diff(store_, store_, {"--namespace", "a", "--right-namespace", "b"});
  EXPECT_EQ(times.exit_code, 1) << times.err;
  EXPECT_EQ(lines_of(times.out).front(), "other times: a/x \"k\"");
  EXPECT_EQ(diff(store_, store_).exit_code, 0);
  EXPECT_EQ(done({"digest", "a"}), done({"digest", "a"}));
  EXPECT_NE(done({"digest", "a"}), done({"digest", "b"}));
}

TEST_F(OnPostgresql, TwoSchemasAreComparedAndAMissingOneIsNotMade) {
  done({"set", "a", "k", "1"});
  const std::string second = url_of(testing::schema_for(path("second")));
  EXPECT_EQ(diff(store_, second).exit_code, 3);
  EXPECT_EQ(diff(store_, second).exit_code, 3);
  const std::string first = std::exchange(store_, second);
  done({"set", "b", "k", "1"});
  EXPECT_EQ(diff(first, second).out,
            "only left: a \"k\"\nonly right: b \"k\"\n"
            "0 entries are equal, 1 only left, 1 only right, 0 different\n");
}

TEST_F(OnPostgresql, AConversationIsImportedAndShown) {
  const std::string messages =
      "{\"role\":\"user\",\"content\":\"Hello\"}\n"
      "{\"role\":\"assistant\",\"content\":\"Hello yourself\"}\n";
  done({"chat", "import", "chats/1", write_file("chat.jsonl", messages)});
  const std::string shown = done({"chat", "show", "chats/1", "--last", "1"});
  EXPECT_NE(shown.find("Hello yourself"), std::string::npos) << shown;
}

TEST_F(OnPostgresql, CommandsThatReadDoNotMakeASchema) {
  for (const std::vector<std::string>& command : std::vector<std::vector<std::string>>{
           {"get", "n", "k"}, {"list", "n"}, {"stats"}, {"export"}, {"erase", "n", "k"}}) {
    refused(3, command);
  }
  EXPECT_EQ(done({"set", "n", "k", "1"}), "created, revision 1024\n");
}

TEST_F(OnPostgresql, WrongUrlsAreRefused) {
  const auto refused_with = [&](int exit_code, const std::string& url) {
    store_ = url;
    return refused(exit_code, {"set", "n", "k", "1"});
  };
  const std::string good = store_;
  const std::string unknown = refused_with(2, good + "&colour=blue");
  EXPECT_NE(unknown.find("colour"), std::string::npos) << unknown;
  refused_with(2, good + "&durability=maybe");
  refused_with(2, good + "&pool_size=0");
  refused_with(2, url_of("pg_mine"));
  EXPECT_EQ(refused_with(2, "postgresql://u:s3cret%zz@h/d").find("s3cret"), std::string::npos);
}

TEST_F(OnPostgresql, AServerThatDoesNotLetUsInIsExitCodeThree) {
  testing::PostgresqlServerOptions options;
  options.tcp = true;
  options.durable = false;
  const testing::PostgresqlServer server(options);
  server.execute("CREATE ROLE ada LOGIN PASSWORD 's3cret'");
  server.execute("GRANT CREATE ON DATABASE postgres TO ada");
  const auto refusal = [&](const std::string& url) {
    store_ = url;
    return refused(3, {"set", "n", "k", "1"});
  };
  const std::string wrong = refusal(server.tcp_url("postgres", "ada", {{"password", "wr0ng"}}));
  EXPECT_EQ(wrong.find("wr0ng"), std::string::npos) << wrong;
  EXPECT_NE(wrong.find("'ada'"), std::string::npos) << wrong;
  refusal(server.tcp_url("nowhere", "ada", {{"password", "s3cret"}}));
  refusal(testing::with_url_options("postgresql:///postgres", {{"host", path("no_server")}}));
  store_ = server.tcp_url("postgres", "ada", {{"password", "s3cret"}});
  EXPECT_EQ(done({"set", "n", "k", "1"}), "created, revision 1024\n");
}

}  // namespace
}  // namespace holdfast::test
