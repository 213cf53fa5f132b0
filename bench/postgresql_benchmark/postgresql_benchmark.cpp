// What Holdfast's calls cost on PostgreSQL, beside libpq by hand: prepared statements on a table of
// the same columns and indexes, in the same server, which flushes what it commits.
//
//   postgresql_benchmark --benchmark_enable_random_interleaving=true --benchmark_repetitions=7
//     --benchmark_report_aggregates_only=true
//
// The server is one of its own, with the settings of a new cluster but for the time between
// checkpoints.
#include <benchmark/benchmark.h>
#include <libpq-fe.h>

#include <atomic>
#include <initializer_list>
#include <memory>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

#include "holdfast/postgresql.hpp"
#include "postgresql_server.hpp"

namespace {

using holdfast::MemoryValue;

constexpr int namespaces = 20;
constexpr int keys = 5000;  // Of each namespace.
constexpr int batch_rows = 1000;
constexpr int keys_at_once = 100;

std::string namespace_name(int number) { return "agents/" + std::to_string(number); }
std::string key_name(std::int64_t number) {
  const std::string digits = std::to_string(number);
  return "memory/" + std::string(10 - digits.size(), '0') + digits;
}
// Some 200 bytes, different each time: the server writes nothing for a row that stays as it was.
std::string value_text() {
  static std::atomic<std::int64_t> written{0};
  return R"({"n":)" + std::to_string(++written) + R"(,"role":"user","text":")" +
         std::string(160, 'x') + R"("})";
}
std::int64_t new_key_number() {
  static std::atomic<std::int64_t> last{1'000'000};
  return ++last;
}

std::minstd_rand& random_numbers() {
  thread_local std::minstd_rand random{std::random_device{}()};
  return random;
}
int random_below(int bound) {
  return std::uniform_int_distribution<int>(0, bound - 1)(random_numbers());
}
std::string random_namespace() { return namespace_name(random_below(namespaces)); }
std::string random_key() { return key_name(random_below(keys)); }
// Different keys that lie beside each other in no order of theirs.
std::vector<std::string> random_keys(int count) {
  const int first = random_below(keys);
  std::vector<std::string> chosen;
  for (int i = 0; i < count; ++i) chosen.push_back(key_name((first + i * 7) % keys));
  return chosen;
}

// libpq by hand.
class Client {
 public:
  explicit Client(const std::string& url) : connection_(PQconnectdb(url.c_str()), &PQfinish) {
    if (PQstatus(connection_.get()) != CONNECTION_OK) fail();
    prepare("get", "SELECT value, revision FROM raw.entry WHERE namespace = $1 AND key = $2");
    prepare("get_many",
            "SELECT key, value, revision FROM raw.entry WHERE namespace = $1 AND key = ANY ($2)");
    prepare("page",
            "SELECT key, value, revision, created_revision, created_at, updated_at, expires_at"
            " FROM raw.entry WHERE namespace = $1 AND key > $2 ORDER BY key LIMIT 50");
    const std::string conflict =
        " ON CONFLICT (namespace, key) DO UPDATE SET value = excluded.value,"
        " size = excluded.size, revision = excluded.revision, updated_at = excluded.updated_at";
    prepare("set",
            "INSERT INTO raw.entry SELECT $1, $2, r, r, 1, 1, NULL, length($3), $3"
            " FROM nextval('raw.revision') r" +
                conflict);
    prepare("set_many",
            "INSERT INTO raw.entry SELECT $1, k, r, r, 1, 1, NULL, length(v), v"
            " FROM (SELECT k, v, nextval('raw.revision') AS r"
            " FROM unnest($2::text[], $3::text[]) u(k, v)) rows" +
                conflict);
  }

  int run(const char* name, std::initializer_list<const char*> arguments) {
    const std::vector<const char*> values(arguments);
    return rows_of(PQexecPrepared(connection_.get(), name, static_cast<int>(values.size()),
                                  values.data(), nullptr, nullptr, 0));
  }
  int run(const std::string& sql) { return rows_of(PQexec(connection_.get(), sql.c_str())); }
  void copy(const std::string& lines) {
    run("COPY raw.entry FROM STDIN");
    if (PQputCopyData(connection_.get(), lines.data(), static_cast<int>(lines.size())) != 1 ||
        PQputCopyEnd(connection_.get(), nullptr) != 1) {
      fail();
    }
    while (PGresult* const result = PQgetResult(connection_.get())) rows_of(result);
  }

 private:
  void prepare(const char* name, const std::string& sql) {
    rows_of(PQprepare(connection_.get(), name, sql.c_str(), 0, nullptr));
  }
  int rows_of(PGresult* raw) {
    const std::unique_ptr<PGresult, decltype(&PQclear)> result(raw, &PQclear);
    const ExecStatusType status = PQresultStatus(raw);
    if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK && status != PGRES_COPY_IN) fail();
    return PQntuples(raw);
  }
  [[noreturn]] void fail() { throw std::runtime_error(PQerrorMessage(connection_.get())); }

  std::unique_ptr<PGconn, decltype(&PQfinish)> connection_;
};

std::string array_of(const std::vector<std::string>& texts) {
  std::string array = "{";
  for (const std::string& text : texts) {
    if (array.size() > 1) array += ',';
    array += '"';
    for (const char c : text) {
      if (c == '"' || c == '\\') array += '\\';
      array += c;
    }
    array += '"';
  }
  return array + "}";
}

holdfast::testing::PostgresqlServerOptions server_options() {
  holdfast::testing::PostgresqlServerOptions options;
  options.settings = {"checkpoint_timeout = 1h", "max_wal_size = 16GB"};
  return options;
}

// The server, and both tables filled alike.
class Place {
 public:
  Place() : memory_(holdfast::open_postgresql({.connection = server_.url()})) {
    for (int ns = 0; ns < namespaces; ++ns) {
      for (int first = 0; first < keys; first += batch_rows) {
        holdfast::WriteBatch batch;
        for (int i = 0; i < batch_rows; ++i) {
          batch.set(namespace_name(ns), key_name(first + i), MemoryValue::parse(value_text()));
        }
        memory_.write(batch);
      }
    }
    server_.execute(
        "CREATE SCHEMA raw; CREATE SEQUENCE raw.revision START 10000000;"
        "CREATE TABLE raw.entry (LIKE holdfast.entry INCLUDING ALL);"
        "INSERT INTO raw.entry SELECT * FROM holdfast.entry;");
    server_.execute("VACUUM ANALYZE raw.entry");
    server_.execute("VACUUM ANALYZE holdfast.entry");
    server_.execute("CHECKPOINT");
  }
  [[nodiscard]] holdfast::Memory& memory() { return memory_; }
  [[nodiscard]] std::string url() const { return server_.url(); }

 private:
  holdfast::testing::PostgresqlServer server_{server_options()};
  holdfast::Memory memory_;
};

Place& place() {
  static Place place;
  return place;
}

// The thread's own connection.
Client& client() {
  thread_local Client client(place().url());
  return client;
}

void check(bool holds) {
  if (!holds) throw std::runtime_error("an answer is wrong");
}

void get_holdfast(benchmark::State& state) {
  for (auto _ : state) check(place().memory().get(random_namespace(), random_key()).has_value());
}
void get_libpq(benchmark::State& state) {
  Client& libpq = client();
  for (auto _ : state) {
    check(libpq.run("get", {random_namespace().c_str(), random_key().c_str()}) == 1);
  }
}

void get_many_holdfast(benchmark::State& state) {
  for (auto _ : state) {
    const auto found = place().memory().get_many(random_namespace(), random_keys(keys_at_once));
    check(found.size() == keys_at_once && found[0].has_value());
  }
}
void get_many_libpq(benchmark::State& state) {
  Client& libpq = client();
  for (auto _ : state) {
    const std::string array = array_of(random_keys(keys_at_once));
    check(libpq.run("get_many", {random_namespace().c_str(), array.c_str()}) == keys_at_once);
  }
}

void page_holdfast(benchmark::State& state) {
  for (auto _ : state) {
    holdfast::MemoryQuery query;
    query.scope = {random_namespace()};
    check(place().memory().query(query).entries.size() == 50);
  }
}
void page_libpq(benchmark::State& state) {
  Client& libpq = client();
  for (auto _ : state) check(libpq.run("page", {random_namespace().c_str(), ""}) == 50);
}

void set_holdfast(benchmark::State& state) {
  for (auto _ : state) {
    place().memory().set(random_namespace(), random_key(), MemoryValue::parse(value_text()));
  }
}
void set_libpq(benchmark::State& state) {
  Client& libpq = client();
  for (auto _ : state) {
    libpq.run("set", {random_namespace().c_str(), random_key().c_str(), value_text().c_str()});
  }
}

void write_holdfast(const std::vector<std::string>& chosen) {
  const std::string ns = random_namespace();
  holdfast::WriteBatch batch;
  for (const std::string& key : chosen) batch.set(ns, key, MemoryValue::parse(value_text()));
  place().memory().write(batch);
}
void write_libpq(const std::vector<std::string>& chosen) {
  std::vector<std::string> values;
  for (std::size_t i = 0; i < chosen.size(); ++i) values.push_back(value_text());
  client().run("set_many",
               {random_namespace().c_str(), array_of(chosen).c_str(), array_of(values).c_str()});
}

std::vector<std::string> new_keys() {
  std::vector<std::string> chosen;
  for (int i = 0; i < batch_rows; ++i) chosen.push_back(key_name(new_key_number()));
  return chosen;
}

void overwrite_1000_holdfast(benchmark::State& state) {
  for (auto _ : state) write_holdfast(random_keys(batch_rows));
}
void overwrite_1000_libpq(benchmark::State& state) {
  for (auto _ : state) write_libpq(random_keys(batch_rows));
}
void new_1000_holdfast(benchmark::State& state) {
  for (auto _ : state) write_holdfast(new_keys());
}
void new_1000_libpq_unnest(benchmark::State& state) {
  for (auto _ : state) write_libpq(new_keys());
}
void new_1000_libpq_copy(benchmark::State& state) {
  for (auto _ : state) {
    const std::string ns = random_namespace();
    std::string lines;
    for (const std::string& key : new_keys()) {
      const std::string value = value_text();
      const std::string revision = std::to_string(1'000'000'000 + new_key_number());
      lines += ns + '\t' + key + '\t' + revision + '\t' + revision + "\t1\t1\t\\N\t" +
               std::to_string(value.size()) + '\t' + value + '\n';
    }
    client().copy(lines);
  }
}

BENCHMARK(get_holdfast)->UseRealTime();
BENCHMARK(get_libpq)->UseRealTime();
BENCHMARK(get_many_holdfast)->UseRealTime();
BENCHMARK(get_many_libpq)->UseRealTime();
BENCHMARK(page_holdfast)->UseRealTime();
BENCHMARK(page_libpq)->UseRealTime();
BENCHMARK(set_holdfast)->UseRealTime()->Threads(1)->Threads(8);
BENCHMARK(set_libpq)->UseRealTime()->Threads(1)->Threads(8);
BENCHMARK(overwrite_1000_holdfast)->UseRealTime();
BENCHMARK(overwrite_1000_libpq)->UseRealTime();
BENCHMARK(new_1000_holdfast)->UseRealTime();
BENCHMARK(new_1000_libpq_unnest)->UseRealTime();
BENCHMARK(new_1000_libpq_copy)->UseRealTime();

}  // namespace
