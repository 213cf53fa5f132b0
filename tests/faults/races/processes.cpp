#include "processes.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <exception>
#include <fstream>
#include <iostream>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace holdfast::fault_tests {
namespace {

namespace fs = std::filesystem;

static_assert(std::is_trivially_copyable_v<Operation>, "histories go through files as they are");

fs::path stage_of(const fs::path& folder) { return folder / "stage"; }
fs::path history_of(const fs::path& folder, unsigned process) {
  return folder / ("history" + std::to_string(process));
}

void write_history(const Played& played, const fs::path& file) {
  for (const std::string& problem : played.problems) std::cerr << problem << "\n";
  if (!played.problems.empty()) throw std::runtime_error("a call failed");
  std::ofstream out(file, std::ios::binary);
  out.write(reinterpret_cast<const char*>(played.operations.data()),
            static_cast<std::streamsize>(played.operations.size() * sizeof(Operation)));
  if (!out.flush()) throw std::runtime_error("cannot write a history");
}

void read_history(const fs::path& file, std::vector<Operation>& operations) {
  std::ifstream in(file, std::ios::binary);
  Operation operation;
  while (in.read(reinterpret_cast<char*>(&operation), sizeof operation)) {
    operations.push_back(operation);
  }
}

// A process of the game, from its beginning to its end: exit handlers are the parent's.
[[noreturn]] void take_part(unsigned process, Game game, const fs::path& folder,
                            const OpenStore& open) {
  int status = 1;
  try {
    game.first_thread = process * game.threads;
    Stage stage(stage_of(folder));
    Memory memory = open(stage.clock());
    write_history(play(
                      stage,
                      [&](unsigned) {
                        return Seat{memory, memory};
                      },
                      game),
                  history_of(folder, process));
    memory.close();
    status = 0;
  } catch (const std::exception& error) {
    std::cerr << "process " << process << ": " << error.what() << "\n";
  }
  ::_exit(status);
}

// Children that are killed where they are not waited for.
class Children {
 public:
  ~Children() {
    for (const pid_t child : running_) {
      ::kill(child, SIGKILL);
      ::waitpid(child, nullptr, 0);
    }
  }
  void add(pid_t child) {
    if (child < 0) throw std::runtime_error("cannot fork");
    running_.push_back(child);
  }
  void wait_for_all() {
    while (!running_.empty()) {
      int status = 0;
      const pid_t ended = ::waitpid(-1, &status, 0);
      std::erase(running_, ended);
      if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
        throw std::runtime_error("a process of the game failed");
      }
    }
  }

 private:
  std::vector<pid_t> running_;
};

}  // namespace

Played play_in_processes(unsigned processes, const Game& game, const fs::path& folder,
                         const OpenStore& open) {
  const Stage stage(stage_of(folder), processes * game.threads);
  Children children;
  for (unsigned process = 0; process < processes; ++process) {
    const pid_t child = ::fork();
    if (child == 0) take_part(process, game, folder, open);
    children.add(child);
  }
  children.wait_for_all();
  Played played;
  for (unsigned process = 0; process < processes; ++process) {
    read_history(history_of(folder, process), played.operations);
  }
  return played;
}

}  // namespace holdfast::fault_tests
