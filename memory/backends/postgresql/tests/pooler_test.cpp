// Behind pgbouncer, which hands the server's connections from one client to another after each
// transaction.
#include <csignal>
#include <fstream>
#include <iterator>

#include "child_process.hpp"
#include "store_fixture.hpp"

namespace holdfast::postgresql {
namespace {

// pgbouncer in transaction mode in front of a server, with two connections to it.
class Pooler {
 public:
  static constexpr int connections = 2;

  explicit Pooler(const testing::PostgresqlServer& server)
      : process_({"pgbouncer", "--quiet", configuration_for(server)}, SIGKILL) {
    wait_until([&] {
      if (process_.has_ended()) {
        throw std::runtime_error("pgbouncer (Debian's package of that name) did not start: " +
                                 log());
      }
      return PQping(url().c_str()) == PQPING_OK;
    });
  }

  [[nodiscard]] std::string url() const {
    return testing::with_url_options(
        "postgresql:///postgres",
        {{"host", folder_.path().native()}, {"port", "6432"}, {"user", "postgres"}});
  }

 private:
  [[nodiscard]] std::string configuration_for(const testing::PostgresqlServer& server) const {
    const std::string name = folder_.path() / "pgbouncer.ini";
    std::ofstream(name) << "[databases]\npostgres = host=" << server.socket_folder().native()
                        << " user=postgres dbname=postgres\n[pgbouncer]\nlisten_addr =\n"
                        << "listen_port = 6432\nunix_socket_dir = " << folder_.path().native()
                        << "\nauth_type = any\npool_mode = transaction\ndefault_pool_size = "
                        << connections << "\nmax_client_conn = 200\n"
                        << "logfile = " << (folder_.path() / "log").native() << "\n";
    return name;
  }
  [[nodiscard]] std::string log() const {
    std::ifstream stream(folder_.path() / "log");
    return {std::istreambuf_iterator<char>(stream), {}};
  }

  OpenFolder folder_;
  ChildProcess process_;
};

class BehindAPooler : public ::testing::Test {
 protected:
  [[nodiscard]] PostgresqlOptions options(bool prepare, const std::string& schema) const {
    PostgresqlOptions options;
    options.connection = pooler_.url();
    options.prepare = prepare;
    options.schema = schema;
    options.pool_size = 16;
    return options;
  }
  static testing::PostgresqlServerOptions server_options() {
    testing::PostgresqlServerOptions options;
    options.durable = false;
    return options;
  }

  testing::PostgresqlServer server_{server_options()};
  Pooler pooler_{server_};
};

// A bit of everything, in a namespace of its own.
void use(Memory& memory, const std::string& name) {
  using namespace std::chrono_literals;
  const Namespace ns = Namespace("users") / name;
  for (int i = 0; i < 20; ++i) {
    const std::string key = "key" + std::to_string(i);
    EXPECT_TRUE(memory.set(ns, key, MemoryValue::map({{"role", name}, {"n", i}})).status ==
                WriteStatus::created);
    EXPECT_EQ(memory.get(ns, key)->find("n"), MemoryValue(i));
    memory.increment("shared", "counter");
  }
  EXPECT_TRUE(memory.set(ns, "key0", 7, {.precondition = Precondition::if_absent()}).status ==
              WriteStatus::unmet);
  EXPECT_TRUE(memory.touch(ns, "key1", 1h));
  WriteBatch batch;
  batch.set(ns, "batched", 1).erase(ns, "key2").check(ns, "none", Precondition::if_absent());
  EXPECT_TRUE(memory.write(batch).applied);
  memory.transaction([&](Transaction& transaction) {
    transaction.set(ns, "key3", transaction.get(ns, "batched").value());
  });
  EXPECT_EQ(memory.get(ns, "key3"), MemoryValue(1));
  MemoryQuery query;
  query.scope = Scope{"users", true};
  query.filter = Filter::parse(R"({"role":")" + name + R"("})");
  query.limit = 10;
  std::size_t found = 0;
  do {
    const Page page = memory.query(query);
    found += page.entries.size();
    query.cursor = page.cursor;
  } while (!query.cursor.empty());
  EXPECT_EQ(found, 18U);
  EXPECT_EQ(memory.count(Scope{ns}), 20U);
  EXPECT_TRUE(memory.erase(ns, "batched").status == WriteStatus::erased);
  EXPECT_TRUE(memory.take(ns, "key3").has_value());
  SearchQuery words;
  words.scope = Scope{ns};
  words.text = name;
  words.limit = 50;
  EXPECT_EQ(memory.search(words).hits.size(), 18U);
  std::vector<EntryVector> vectors;
  for (const Entry& entry : memory.without_vector(Scope{ns})) {
    vectors.push_back({{entry.ns, entry.key}, entry.revision, {1, 2}});
  }
  EXPECT_EQ(memory.put_vectors(vectors), 18U);
  VectorQuery near;
  near.scope = Scope{ns};
  near.vector = {1, 0};
  near.limit = 50;
  EXPECT_EQ(memory.nearest(near).hits.size(), 18U);
  EXPECT_TRUE(memory.check_search("users").problems.empty());
  EXPECT_GT(memory.stable_revision(), 0);
  EXPECT_TRUE(memory.health().ok) << memory.health().message;
  EXPECT_EQ(memory.clear(Scope{ns}), 18U);
}

TEST_F(BehindAPooler, ConcurrentClientsWithoutPreparedStatementsAreServedAsEver) {
  constexpr int threads = 8;
  PostgresqlOptions first_options = options(false, "first");
  first_options.change_log = true;
  first_options.indexed_paths = {Path("role")};
  Memory first = open_postgresql(first_options);
  Memory second = open_postgresql(options(false, "second"));
  for (Memory* const memory : {&first, &second}) {
    SearchConfig config = SearchConfig::texts({"role"});
    config.embedding = SearchEmbedding{"model", 2};
    memory->configure_search("users", config);
  }
  run_threads(threads,
              [&](int i) { use(i % 2 == 0 ? first : second, "thread" + std::to_string(i)); });
  for (Memory* const memory : {&first, &second}) {
    EXPECT_EQ(memory->get("shared", "counter"), MemoryValue(20 * threads / 2));
    EXPECT_EQ(memory->count(Scope{"", true}), 1U);
  }
  // All came through the pooler's few connections.
  EXPECT_LE(std::stoi(server_.execute("SELECT count(*) FROM pg_stat_activity WHERE usename = "
                                      "'postgres' AND pid <> pg_backend_pid() "
                                      "AND backend_type = 'client backend'")),
            Pooler::connections);
  EXPECT_EQ(server_.execute("SELECT count(*) FROM pg_prepared_statements"), "0");
}

// A pooler that knows nothing of prepared statements (pgbouncer before 1.21) mixes up those of its
// clients. They then fail, and never give another store's entries.
TEST_F(BehindAPooler, PreparedStatementsFailOrAreRight) {
  for (const char* const schema : {"first", "second"}) {
    open_postgresql(options(false, schema)).set("ns", "key", schema);
  }
  const auto prepared = [this](const char* schema) {
    PostgresqlOptions prepared_options = options(true, schema);
    prepared_options.retry_for = std::chrono::milliseconds(0);
    return open_postgresql(prepared_options);
  };
  // Each client prepares what it needs on another one of the server's connections.
  Sql one(pooler_.url());
  Sql other(pooler_.url());
  one.run("BEGIN");
  Memory first = prepared("first");
  EXPECT_EQ(first.get("ns", "key"), MemoryValue("first"));
  EXPECT_TRUE(first.set("ns", "own", 1).applied());
  other.run("BEGIN");
  one.run("COMMIT");
  Memory second = prepared("second");
  EXPECT_EQ(second.get("ns", "key"), MemoryValue("second"));
  EXPECT_TRUE(second.set("ns", "own", 2).applied());
  // Now the first one comes to where the second one was.
  int failed = 0;
  const auto expect_right = [&](const std::function<void()>& step) {
    try {
      step();
    } catch (const Error&) {
      ++failed;
    }
  };
  expect_right([&] { EXPECT_EQ(first.get("ns", "key"), MemoryValue("first")); });
  expect_right([&] { EXPECT_TRUE(first.set("ns", "late", 1).applied()); });
  expect_right([&] { EXPECT_EQ(first.get("ns", "own"), MemoryValue(1)); });
  other.run("COMMIT");
  RecordProperty("failed", failed);
  Memory checked = open_postgresql(options(false, "second"));
  EXPECT_FALSE(checked.exists("ns", "late"));
  EXPECT_EQ(checked.get("ns", "own"), MemoryValue(2));
}

}  // namespace
}  // namespace holdfast::postgresql
