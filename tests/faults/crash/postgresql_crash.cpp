#include "postgresql_crash.hpp"

#include <gtest/gtest.h>

#include <csignal>
#include <exception>
#include <fstream>
#include <iterator>
#include <string_view>
#include <thread>

namespace holdfast::fault_tests {
namespace {

using testing::PostgresqlServer;

constexpr std::size_t steps_of_a_store = 400;
constexpr std::size_t steps_of_a_life = 40;
constexpr std::uint64_t calls_of_a_life = 80;
constexpr const char* clients = "pg_stat_activity WHERE application_name = 'crash_driver'";

std::string schema_of(const Trial& trial) {
  return "crash_" + std::to_string(trial.seed) + "_" + trial.durability;
}

std::string url_of(const PostgresqlServer& server, const Trial& trial) {
  return testing::with_url_options(
      server.url(), {{"schema", schema_of(trial)},
                     {"application_name", "crash_driver"},
                     {"durability", trial.durability},
                     {"retry_for", "300ms"},
                     {"change_log", trial.change_log ? "on" : "off"},
                     {"max_value_bytes", std::to_string(differential::max_value_bytes_here)}});
}

// Asks until the server answers: it may be starting again.
std::string ask(const PostgresqlServer& server, const std::string& sql) {
  while (true) {
    try {
      return server.execute(sql);
    } catch (const std::runtime_error&) {
      std::this_thread::yield();
    }
  }
}

class ServerChain {
 public:
  ServerChain(PostgresqlServer& server, const Trial& trial, ServerTally& tally)
      : server_(server),
        trial_(trial),
        tally_(tally),
        random_(trial.seed),
        script_{.name = "alone", .seed = trial.seed},
        model_(script_, steps_of_a_store, trial.change_log, temporary_.path().string()) {}

  [[nodiscard]] bool goes_on() const {
    return !::testing::Test::HasFailure() && model_.next() + steps_of_a_life <= steps_of_a_store;
  }

  // One client's steps, in the course of which the server dies at a call of the client.
  void live() {
    const bool as_a_whole = random_() % 3 > 0;
    Order order = client();
    order.kill = random_kill(as_a_whole);
    CrashDriver driver(order);
    if (wait_for_kill(driver) && as_a_whole) {
      // Half of the time the client has to learn that the server is gone.
      if (random_() % 2 == 0) wait_for_answer(driver);
      start_server();
    }
    look_at(driver);
  }

  // The server dies when it has committed a write and not answered yet: it waits for a standby that
  // does not exist.
  void live_unanswered() {
    CrashDriver driver(client());
    driver.read_lines(1 + random_() % steps_of_a_life);
    server_.execute("ALTER SYSTEM SET synchronous_standby_names = 'nobody'");
    server_.execute("SELECT pg_reload_conf()");
    if (wait_for_commit()) {
      ::kill(server_.pid(), SIGQUIT);
      ++tally_.kills;
      ++tally_.unanswered;
      start_server();
    }
    ask(server_, "ALTER SYSTEM RESET synchronous_standby_names");
    ask(server_, "SELECT pg_reload_conf()");
    look_at(driver);
  }

 private:
  [[nodiscard]] Order client() const {
    return {.url = url_of(server_, trial_),
            .folder = temporary_.path().string(),
            .script = script_,
            .from = model_.next(),
            .to = model_.next() + steps_of_a_life,
            .watches_sockets = true,
            .opens_undisturbed = true,
            .persists = true};
  }

  // Whether a client's write waits after its commit; false where all clients have ended.
  bool wait_for_commit() {
    const std::string waiting =
        std::string("SELECT max(wait_event) FROM ") + clients + " AND wait_event = 'SyncRep'";
    while (server_.execute(waiting).empty()) {
      if (server_.execute(std::string("SELECT count(*) FROM ") + clients) == "0") return false;
    }
    return true;
  }

  void look_at(CrashDriver& driver) {
    Tally unused;
    const auto told = driver.end(unused);
    if (!told) return;
    tally_.again += told->again;
    tally_.unknown += told->unknown;
    if (told->in_doubt) ++tally_.left;
    auto problem = model_.follow(*told);
    if (!problem) {
      problem =
          problem_of_store(model_, url_of(server_, trial_), temporary_.path().string(), false);
    }
    if (problem) {
      ADD_FAILURE() << driver.described() << "after " << tally_.text() << "\n"
                    << *problem << "\nafter:\n"
                    << driver.text();
    }
  }

  // As `pg_ctl stop -m immediate` ends the server, or by SIGKILL of one of its processes, after
  // which it ends the others and recovers by itself.
  KillPoint random_kill(bool as_a_whole) {
    constexpr KillPoint::Moment moments[] = {KillPoint::Moment::before, KillPoint::Moment::half,
                                             KillPoint::Moment::after, KillPoint::Moment::after};
    KillPoint point{moments[random_() % std::size(moments)], 1 + random_() % calls_of_a_life};
    point.signal = as_a_whole ? SIGQUIT : SIGKILL;
    point.victim = as_a_whole ? server_.pid()
                              : std::stoi(ask(server_,
                                              "SELECT pid FROM pg_stat_activity "
                                              "WHERE backend_type = 'checkpointer'"));
    return point;
  }

  bool wait_for_kill(CrashDriver& driver) {
    const auto has_killed = [&] { return driver.said("killed").has_value(); };
    for (std::size_t lines = 1; !has_killed(); ++lines) {
      if (!driver.read_lines(lines)) break;
    }
    if (has_killed()) ++tally_.kills;
    return has_killed();
  }

  // Until it was told that nothing was done, or that it is not known, or is through.
  void wait_for_answer(CrashDriver& driver) {
    const auto has_answer = [&] { return driver.said("again") || driver.said("unknown"); };
    for (std::size_t lines = 1; !has_answer(); ++lines) {
      if (!driver.read_lines(lines)) return;
    }
  }

  void start_server() {
    try {
      // Until it has taken its mark away.
      while (server_.pid() != 0) std::this_thread::yield();
    } catch (const std::runtime_error&) {
      server_.start();
    }
  }

  PostgresqlServer& server_;
  const Trial trial_;
  ServerTally& tally_;
  std::mt19937_64 random_;
  CrashFolder temporary_;
  const Script script_;
  ProcessModel model_;
};

}  // namespace

testing::PostgresqlServerOptions quick_server_options() {
  testing::PostgresqlServerOptions options;
  options.durable = false;
  return options;
}

std::string ServerTally::text() const {
  return std::to_string(kills) + " kills of the server, " + std::to_string(unanswered) +
         " of them between a commit and its answer, " + std::to_string(again) +
         " answers that nothing was done, " + std::to_string(unknown) + " that it is not known, " +
         std::to_string(left) + " of which could not be resolved";
}

Ground postgresql_ground(PostgresqlServer& server) {
  return {
      .url = [&server](const std::string&, const Trial& trial) { return url_of(server, trial); },
      .in_files = false,
      .settle =
          [&server] {
            const std::string left = std::string("SELECT count(*) FROM ") + clients;
            while (ask(server, left) != "0") std::this_thread::yield();
          }};
}

namespace {

std::string in_schema(std::string sql, const std::string& schema) {
  constexpr std::string_view mark = "@schema@";
  for (std::size_t at = sql.find(mark); at != std::string::npos; at = sql.find(mark, at)) {
    sql.replace(at, mark.size(), schema);
  }
  return sql;
}

// As the first release made it, with an entry.
void make_store_of_format_1(const PostgresqlServer& server, const std::string& schema) {
  std::ifstream file(FORMATS_FOLDER "/format_1.sql");
  const std::string format{std::istreambuf_iterator<char>(file), {}};
  server.execute(in_schema("CREATE SCHEMA @schema@;" + format, schema));
  server.execute(in_schema(
      "SELECT @schema@.open_session(1, 1000000);"
      "SELECT revision FROM @schema@.write_one(1, 1, true, NULL, 0, 1000, NULL, NULL, 1, 'ns', "
      "'key', 0, 0, false, NULL, 0, '\"old\"', false)",
      schema));
}

std::optional<std::string> problem_of_migrated(Player& store) {
  Memory& memory = store.memory();
  if (memory.get("ns", "key") != MemoryValue("old")) return "the entry is not there";
  if (memory.count(Scope{Namespace(), true}) != 1) return "other entries are there";
  // What came with later formats.
  const Note note{note_name, "text"};
  memory.restore(RestoreBatch{.note = &note});
  memory.configure_search("ns", SearchConfig::texts({""}));
  if (memory.search({.scope = {"ns"}, .text = "old"}).hits.size() == 1) return std::nullopt;
  return "the entry is not found";
}

}  // namespace

void crash_opening(PostgresqlServer& server, Trial trial, bool is_old, std::size_t stride,
                   Tally& tally) {
  const CrashFolder temporary;
  const std::string folder = temporary.path().string();
  const Ground ground = postgresql_ground(server);
  for (std::size_t number = 1; !::testing::Test::HasFailure(); number += stride) {
    ++trial.seed;
    if (is_old) make_store_of_format_1(server, schema_of(trial));
    const Script script{.name = is_old ? "format 1" : "alone", .seed = trial.seed};
    CrashDriver driver({.url = url_of(server, trial),
                        .folder = folder,
                        .script = script,
                        .to = is_old ? 0U : 1U,
                        .kill = {KillPoint::Moment::after, number},
                        .watches_sockets = true});
    const auto told = driver.end(tally);
    if (!told) return;
    ground.settle();
    ProcessModel model(script, is_old ? 0 : 1, trial.change_log, folder);
    auto problem = model.follow(*told);
    if (!problem) {
      problem = is_old
                    ? with_store(url_of(server, trial), model.clock(), folder, problem_of_migrated)
                    : problem_of_store(model, url_of(server, trial), folder, true);
    }
    if (problem) ADD_FAILURE() << driver.described() << *problem;
    if (told->killed.empty()) return;
  }
}

void crash_server(PostgresqlServer& server, Trial trial, std::size_t kills, ServerTally& tally) {
  const std::size_t enough = tally.kills + kills;
  std::mt19937_64 random(trial.seed);
  for (; tally.kills < enough && !::testing::Test::HasFailure(); ++trial.seed) {
    ServerChain chain(server, trial, tally);
    while (chain.goes_on() && tally.kills < enough)
      random() % 3 == 0 ? chain.live_unanswered() : chain.live();
  }
}

}  // namespace holdfast::fault_tests
