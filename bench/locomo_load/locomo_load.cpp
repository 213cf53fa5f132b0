// Loads the conversations of LoCoMo into a store, one namespace a session, and reads them back.
#include <CLI/CLI.hpp>
#include <chrono>
#include <cstddef>
#include <exception>
#include <iomanip>
#include <iostream>
#include <string>
#include <vector>

#include "holdfast/conversation.hpp"
#include "holdfast/open.hpp"
#include "locomo_file/locomo_file.hpp"

namespace {

using namespace holdfast;

// As the program `holdfast` has them.
enum ExitCode { done = 0, wrong_usage = 2, store_failed = 3 };

class Stopwatch {
 public:
  [[nodiscard]] double ms() const {
    const auto elapsed = std::chrono::steady_clock::now() - start_;
    return std::chrono::duration<double, std::milli>(elapsed).count();
  }

 private:
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

void print(const std::string& what, std::size_t turns, double ms) {
  std::cout << what << turns << " turns in " << std::fixed << std::setprecision(1) << ms << " ms\n";
}

// How many turns the store gave back that are not, in their places, those of the file.
std::size_t compare(Memory& memory, const std::vector<locomo::Session>& sessions,
                    std::size_t& read_back) {
  std::size_t wrong = 0;
  for (const locomo::Session& session : sessions) {
    const std::size_t turns = session.turns.size();
    const auto stored = Conversation(memory, namespace_of(session)).last(turns + 1);
    read_back += stored.size();
    for (std::size_t i = 0; i < std::max(turns, stored.size()); ++i) {
      if (i < turns && i < stored.size() && stored[i] == session.turns[i]) continue;
      if (wrong++ > 0) continue;
      std::cerr << "locomo_load: turn " << i + 1 << " of " << namespace_of(session).text()
                << " is not that of the file\n";
    }
  }
  return wrong;
}

int run(const std::string& url, const std::string& path) {
  const std::vector<locomo::Session> sessions = locomo::read_file(path);
  Memory memory = open(url);

  std::size_t turns = 0;
  std::size_t new_turns = 0;
  const Stopwatch writing;
  for (const locomo::Session& session : sessions) {
    turns += session.turns.size();
    for (const Appended& each : Conversation(memory, namespace_of(session)).append(session.turns)) {
      if (each.is_new) ++new_turns;
    }
  }
  print("loaded:    ", new_turns, writing.ms());
  if (new_turns < turns) {
    std::cout << "           " << turns - new_turns << " were there already\n";
  }

  const Stopwatch reading;
  std::size_t read_back = 0;
  const std::size_t wrong = compare(memory, sessions, read_back);
  print("read back: ", read_back, reading.ms());
  std::cout << "equal:     " << (wrong == 0 ? "yes" : "no") << ", in order, in " << sessions.size()
            << " sessions\n";
  return wrong == 0 ? done : store_failed;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Loads the conversations of LoCoMo into a store and reads them back.");
  std::string url;
  std::string path;
  app.add_option("--store", url, "URL of the store, such as sqlite:locomo.db")->required();
  app.add_option("FILE", path, "The file, such as locomo10.json")->required();
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? done : wrong_usage;
  }
  try {
    return run(url, path);
  } catch (const locomo::BadFile& error) {
    std::cerr << "locomo_load: " << error.what() << '\n';
    return wrong_usage;
  } catch (const Error& error) {
    std::cerr << "locomo_load: " << error.what() << '\n';
    return error.code() == ErrorCode::invalid_argument ? wrong_usage : store_failed;
  } catch (const std::exception& error) {
    std::cerr << "locomo_load: " << error.what() << '\n';
    return store_failed;
  }
}
