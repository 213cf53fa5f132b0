#include "postgresql_crash.hpp"

#include <gtest/gtest.h>

#include <csignal>
#include <exception>
#include <thread>

namespace holdfast::fault_tests {
namespace {

using testing::PostgresqlServer;

constexpr std::size_t steps_of_a_store = 400;
constexpr std::size_t steps_of_a_life = 60;
constexpr const char* clients = "pg_stat_activity WHERE application_name = 'crash_driver'";

std::string url_of(const PostgresqlServer& server, const Trial& trial) {
  return testing::with_url_options(
      server.url(), {{"schema", "crash_" + std::to_string(trial.seed) + "_" + trial.durability},
                     {"application_name", "crash_driver"},
                     {"durability", trial.durability},
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

  // One client's steps, in the course of which the server dies up to `kills` times.
  void live(int kills) {
    CrashDriver driver({.url = url_of(server_, trial_),
                        .folder = temporary_.path().string(),
                        .script = script_,
                        .from = model_.next(),
                        .to = model_.next() + steps_of_a_life,
                        .persists = true});
    std::size_t lines = 0;
    for (int i = 0; i < kills; ++i) {
      lines += 1 + random_() % (2 * steps_of_a_life / static_cast<std::size_t>(kills));
      if (!driver.read_lines(lines)) break;
      kill_server();
    }
    Tally unused;
    const auto told = driver.end(unused);
    if (!told) return;
    tally_.again += told->again;
    tally_.unknown += told->unknown;
    auto problem = model_.follow(*told);
    if (!problem && told->in_doubt) problem = "a step was left in doubt";
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

 private:
  void kill_server() {
    if (random_() % 3 > 0) {
      server_.restart(PostgresqlServer::Mode::immediate);
      ++tally_.kills;
      return;
    }
    // What serves the client; the others follow it.
    const std::string pid = ask(server_, std::string("SELECT max(pid) FROM ") + clients);
    if (pid.empty() || ::kill(std::stoi(pid), SIGKILL) != 0) return;
    ++tally_.kills;
  }

  PostgresqlServer& server_;
  const Trial trial_;
  ServerTally& tally_;
  std::mt19937_64 random_;
  TemporaryFolder temporary_;
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
  return std::to_string(kills) + " kills of the server, " + std::to_string(again) +
         " answers that nothing was done, " + std::to_string(unknown) + " that it is not known";
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

void crash_making_schema(PostgresqlServer& server, Trial trial, std::size_t first,
                         std::size_t stride, Tally& tally) {
  const TemporaryFolder temporary;
  const Ground ground = postgresql_ground(server);
  for (std::size_t number = first; !::testing::Test::HasFailure(); number += stride) {
    ++trial.seed;
    const Script script{.name = "alone", .seed = trial.seed};
    CrashDriver driver({.url = url_of(server, trial),
                        .folder = temporary.path().string(),
                        .script = script,
                        .to = 1,
                        .kill = {KillPoint::Moment::after, number},
                        .watches_sockets = true});
    const auto told = driver.end(tally);
    if (!told) return;
    ground.settle();
    ProcessModel model(script, 1, trial.change_log, temporary.path().string());
    auto problem = model.follow(*told);
    if (!problem) {
      problem = problem_of_store(model, url_of(server, trial), temporary.path().string(), true);
    }
    if (problem) ADD_FAILURE() << driver.described() << *problem;
    if (told->killed.empty()) return;
  }
}

void crash_server(PostgresqlServer& server, Trial trial, std::size_t kills, ServerTally& tally) {
  const std::size_t enough = tally.kills + kills;
  for (; tally.kills < enough && !::testing::Test::HasFailure(); ++trial.seed) {
    ServerChain chain(server, trial, tally);
    while (chain.goes_on() && tally.kills < enough) chain.live(3);
  }
}

}  // namespace holdfast::fault_tests
