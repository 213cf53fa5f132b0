// A standby serves reads, and goes on as the store when it is promoted.
#include <fstream>

#include "child_process.hpp"
#include "store_fixture.hpp"

namespace holdfast::postgresql {
namespace {

// A copy of a server that follows it.
class Standby {
 public:
  explicit Standby(const testing::PostgresqlServer& primary)
      : programs_(primary.execute("SELECT setting FROM pg_config WHERE name = 'BINDIR'")),
        data_(copy_of(primary)),
        process_({programs_ + "/postgres", "-D", data_, "-k", folder_.path().native(), "-c",
                  "log_min_messages=fatal"},
                 SIGQUIT) {
    wait_until([&] {
      if (process_.has_ended()) throw std::runtime_error("the standby did not start");
      return PQping(url().c_str()) == PQPING_OK;
    });
  }
  [[nodiscard]] std::string url() const {
    return testing::with_url_options("postgresql:///postgres",
                                     {{"host", folder_.path().native()}, {"user", "postgres"}});
  }
  // Returns when all that the primary has done so far is here.
  void catch_up_with(const testing::PostgresqlServer& primary) const {
    const std::string reached = "SELECT pg_last_wal_replay_lsn() >= '" +
                                primary.execute("SELECT pg_current_wal_flush_lsn()") + "'";
    Sql sql(url());
    wait_until([&] { return sql.run(reached) == "t"; });
  }

 private:
  [[nodiscard]] std::string copy_of(const testing::PostgresqlServer& primary) const {
    const std::string data = folder_.path() / "data";
    ChildProcess copying({programs_ + "/pg_basebackup", "-D", data, "-R", "-c", "fast", "--no-sync",
                          "-d", primary.url()},
                         SIGTERM);
    if (copying.wait() != 0) throw std::runtime_error("pg_basebackup failed");
    return data;
  }

  OpenFolder folder_;
  std::string programs_;
  std::string data_;
  ChildProcess process_;
};

PostgresqlOptions options_at(const std::string& url, bool read_only) {
  PostgresqlOptions options;
  options.connection = url;
  options.read_only = read_only;
  return options;
}

// Of what awaits one; says how many were kept.
std::uint64_t keep_vectors(Memory& memory) {
  std::vector<EntryVector> vectors;
  for (const Entry& entry : memory.without_vector({"ns"})) {
    vectors.push_back({{entry.ns, entry.key}, entry.revision, {1, 2}});
  }
  return memory.put_vectors(vectors);
}

TEST(StandbyServer, ServesReadsAndGoesOnAboveWhenItIsPromoted) {
  testing::PostgresqlServerOptions server_options;
  server_options.durable = false;
  const testing::PostgresqlServer server(server_options);
  Memory primary = open_postgresql(options_at(server.url(), false));
  primary.set("ns", "key", MemoryValue::map({{"role", "user"}}));
  SearchConfig config = SearchConfig::texts({"role"});
  config.embedding = SearchEmbedding{"model", 2};
  primary.configure_search("ns", config);
  EXPECT_EQ(keep_vectors(primary), 1U);
  const Standby standby(server);
  primary.set("ns", "other", 2);
  const Revision last = primary.stable_revision();
  standby.catch_up_with(server);

  Memory reader = open_postgresql(options_at(standby.url(), true));
  EXPECT_EQ(reader.get("ns", "other"), MemoryValue(2));
  EXPECT_EQ(reader.count(Scope{"", true}), 2U);
  MemoryQuery query;
  query.scope = Scope{"", true};
  query.filter = Filter::parse(R"({"role":"user"})");
  EXPECT_EQ(keys_of(reader.query(query)), std::vector<std::string>{"key"});
  SearchQuery words;
  words.scope = {"ns"};
  words.text = "users";
  EXPECT_EQ(reader.search(words).hits.size(), 1U);
  VectorQuery near;
  near.scope = {"ns"};
  near.vector = {1, 0};
  EXPECT_EQ(reader.nearest(near).hits.size(), 1U);
  EXPECT_TRUE(reader.check_search("ns").problems.empty());
  EXPECT_EQ(code_thrown_by([&] { reader.reindex("ns"); }), ErrorCode::permission_denied);
  EXPECT_EQ(reader.list_namespaces().namespaces.size(), 1U);
  EXPECT_EQ(reader.stats().details.find("standby"), MemoryValue(true));
  EXPECT_TRUE(reader.health().ok) << reader.health().message;
  EXPECT_EQ(to_string(code_thrown_by([&] { static_cast<void>(reader.stable_revision()); })),
            to_string(ErrorCode::unsupported));
  EXPECT_EQ(to_string(code_thrown_by([&] { static_cast<void>(reader.changes(0)); })),
            to_string(ErrorCode::unsupported));
  EXPECT_EQ(code_thrown_by([&] { reader.set("ns", "key", 1); }), ErrorCode::permission_denied);
  Memory mistaken = open_postgresql(options_at(standby.url(), false));
  EXPECT_EQ(code_thrown_by([&] { mistaken.set("ns", "key", 1); }), ErrorCode::permission_denied);

  Sql(standby.url()).run("SELECT pg_promote()");
  Memory promoted = open_postgresql(options_at(standby.url(), false));
  EXPECT_EQ(promoted.get("ns", "other"), MemoryValue(2));
  constexpr Revision jump = Revision{1} << 34;
  EXPECT_GT(promoted.set("ns", "new", 3).revision, last + jump);
  EXPECT_GT(promoted.stable_revision(), last + jump);
  EXPECT_EQ(promoted.count(Scope{"ns"}), 3U);
  // So do the numbers of vectors, for those who have read some before.
  promoted.set("ns", "more", MemoryValue::map({{"role", "tool"}}));
  EXPECT_EQ(keep_vectors(promoted), 1U);
  EXPECT_EQ(reader.nearest(near).hits.size(), 2U);
}

}  // namespace
}  // namespace holdfast::postgresql
