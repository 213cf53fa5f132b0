// One thread of a history: calls a store at random, and writes down what it asked and was told.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "history.hpp"
#include "holdfast/memory.hpp"
#include "stage.hpp"

namespace holdfast::fault_tests {

// What a player may do next.
enum class Move : std::uint8_t {
  get,
  get_entry,
  get_and_refresh,
  set,
  set_conditionally,
  erase,
  erase_conditionally,
  take,
  increment,
  touch,
  update,
  write,
  get_many,
  query,
  clear,
  transaction,
  advance,  // The clock.
  sweep,
};

struct Choice {
  Move move;
  unsigned weight;
};

struct Game {
  std::uint64_t seed = 1;
  unsigned threads = 8;       // Of this process,
  unsigned first_thread = 0;  // numbered from here on. Number 0 closes the rounds.
  unsigned rounds = 100;
  unsigned calls = 12;  // Of each thread in a round.
  std::size_t keys = 3;
  bool deadlines = false;  // Whether what is written may expire.
  bool limited = false;    // Whether a write may be refused for want of room.
  // Some calls have to end within a random part of this.
  std::optional<std::chrono::microseconds> hurry{};
  std::vector<Choice> moves;
};

// Handles of one store. They may be the same.
struct Seat {
  Memory& writing;
  Memory& reading;
};

class Player {
 public:
  Player(Stage& stage, Seat seat, const Game& game, unsigned number);

  void play(std::uint32_t round);
  // Reads every key, with nobody else at work.
  void close_round(std::uint32_t round);

  [[nodiscard]] const std::vector<Operation>& operations() const { return operations_; }
  // Errors that no store should give here.
  [[nodiscard]] const std::vector<std::string>& problems() const { return problems_; }
  // Calls that were refused, and so have changed nothing.
  [[nodiscard]] std::uint64_t refused() const { return refused_; }

 private:
  void make(Move move);
  // Calls the store by `body`, which fills in the steps.
  using Body = std::function<void(Operation&, const Context&)>;
  void call(Operation::Call name, const Body& body);
  void note_error(const Error& error, Operation& operation);

  void get(Operation::Call name);
  void get_and_refresh();
  void set(bool conditionally);
  void erase(Operation::Call name, bool conditionally);
  void increment();
  void touch();
  void update();
  void write();
  void get_many();
  void query();
  void clear();
  void transaction();

  void add_to_batch(WriteBatch& batch, Operation& operation);
  void act(Transaction& transaction, Operation& operation);
  void read_together(Transaction& transaction, Operation& operation);
  [[nodiscard]] Precondition random_precondition(std::size_t key);
  void ask_to_set(Step& step);
  [[nodiscard]] SetOptions set_options(const Step& step);
  void answer(Step& step, const WriteResult& result);
  void answer_read(Step& step, const std::optional<Entry>& entry);
  static void answer_value(Step& step, const std::optional<MemoryValue>& value);

  [[nodiscard]] std::uint64_t below(std::uint64_t bound) { return random_() % bound; }
  [[nodiscard]] std::size_t random_key() { return below(game_.keys); }
  [[nodiscard]] Ms random_ttl();
  [[nodiscard]] std::int64_t new_value() { return ++values_ * 1'000'000; }

  Stage& stage_;
  Seat seat_;
  const Game& game_;
  const unsigned number_;
  unsigned weights_ = 0;
  std::mt19937_64 random_;
  std::uint32_t round_ = 0;
  std::int64_t values_;
  std::vector<Revision> known_revisions_;  // By key; what this player saw last.
  std::vector<Operation> operations_;
  std::vector<std::string> problems_;
  std::uint64_t refused_ = 0;
};

// Where the entries of all histories lie.
[[nodiscard]] const Namespace& history_namespace();
[[nodiscard]] const std::string& history_key(std::size_t key);

}  // namespace holdfast::fault_tests
