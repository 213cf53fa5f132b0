// Moves a store while an agent writes to it: live_move FROM TO
#include <atomic>
#include <holdfast/diff.hpp>
#include <holdfast/holdfast.hpp>
#include <holdfast/mirror.hpp>
#include <iostream>
#include <string>
#include <thread>

using namespace holdfast;

namespace {

// The agent knows nothing of the move: it has a `Memory`, as always.
void run_agent(Memory& memory, const std::atomic<bool>& is_moved) {
  // On for a while after the move.
  for (int turn = 0, after = 0; after < 100; ++turn) {
    after += is_moved ? 1 : 0;
    memory.set("agent/turns", std::to_string(turn % 500), turn);
    memory.increment("agent", "turns");
    if (turn % 10 == 9) memory.erase("agent/turns", std::to_string((turn - 5) % 500));
  }
}

int move(const std::string& from, const std::string& to) {
  {
    Memory before = open(from);
    for (int i = 0; i < 1000; ++i) before.set("old", std::to_string(i), i);
  }
  const BackendRegistry backends = built_in_backends();
  Mirror mirror(backends.open_backend(from), backends.open_backend(to));
  Memory memory = mirror.memory();
  std::atomic<bool> is_moved{false};
  std::thread agent([&] { run_agent(memory, is_moved); });

  const auto end_agent = [&] {
    is_moved = true;
    agent.join();
  };
  MigrationResult result;
  try {
    mirror.copy();
    result = mirror.cut_over();
  } catch (const Error&) {
    end_agent();  // It has lost nothing: calls go to the old store.
    throw;
  }
  end_agent();
  std::cout << result.copied << " entries copied, "
            << (result.verified ? "both sides were equal" : "not verified")
            << "; the agent went on to " << memory.get("agent", "turns")->get<std::int64_t>()
            << " turns\n";
  return result.verified ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::cerr << "usage: live_move FROM TO, two URLs such as sqlite:agent.db\n";
    return 2;
  }
  try {
    return move(argv[1], argv[2]);
  } catch (const Error& error) {
    std::cerr << "live_move: " << error.what() << '\n';
    return 1;
  }
}
