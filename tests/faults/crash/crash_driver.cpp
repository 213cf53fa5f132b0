// A process that works on a store and kills itself where it is told to: crash_order.hpp has its
// words, and what it says.
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "crash_order.hpp"
#include "holdfast/memory.hpp"
#include "kill_points.hpp"

namespace holdfast::fault_tests {
namespace {

// One system call, so that a line is there or not.
void say(std::string line) {
  line += '\n';
  if (::write(STDOUT_FILENO, line.data(), line.size()) < 0) die();
}

// Whether an error is an answer that the model gives as well.
bool is_answer(ErrorCode code) {
  return code == ErrorCode::invalid_argument || code == ErrorCode::failed_precondition ||
         code == ErrorCode::out_of_range || code == ErrorCode::resource_exhausted ||
         code == ErrorCode::unsupported;
}

class Worker {
 public:
  Worker(const Order& order, Player& player) : order_(order), player_(player) {}

  void work(std::size_t number, const Step& step) {
    const std::string name = std::to_string(order_.script.process) + " " + std::to_string(number);
    say("intends " + name);
    begin_step();
    while (true) {
      try {
        const Revision revision = answer_of(step);
        return say("acknowledged " + name + " " + std::to_string(revision));
      } catch (const Error& error) {
        if (!order_.persists) throw;
        if (error.code() == ErrorCode::commit_unknown) {
          say("unknown " + name);
          const auto applied = resolve(error.token());
          if (!applied) throw;
          say("resolved " + name + (*applied ? " applied" : " not"));
          if (*applied) return say("acknowledged " + name + " 0");
        } else if (error.code() == ErrorCode::unavailable) {
          say("again " + name);
          wait_for_store();
        } else {
          throw;
        }
      }
    }
  }

 private:
  // The greatest revision that the answer has.
  Revision answer_of(const Step& step) {
    Answer answer;
    try {
      // A store that is gone cannot be opened; then there would be none to go on with.
      if (!order_.persists || step.text != "reopen") step.perform(player_, answer);
    } catch (const Error& error) {
      if (!is_answer(error.code())) throw;
    }
    return answer.greatest_revision();
  }

  // Empty where the store cannot say though it is there.
  std::optional<bool> resolve(const CommitToken& token) {
    while (true) {
      wait_for_store();
      try {
        if (const auto applied = player_.memory().resolve(token)) return *applied;
        if (player_.memory().health().ok) return player_.memory().resolve(token);
      } catch (const Error& error) {
        if (error.code() != ErrorCode::unavailable) throw;
      }
    }
  }

  void wait_for_store() {
    while (!player_.memory().health().ok) std::this_thread::yield();
  }

  const Order& order_;
  Player& player_;
};

// One thread's steps.
void work(const Order& order, Player& player, ManualClock& clock) {
  const std::vector<ScriptedStep> steps = steps_of(order.script, order.to);
  Worker worker(order, player);
  for (std::size_t i = order.from; i < order.to; ++i) {
    clock.set(steps[i].now);
    worker.work(i, steps[i].step);
  }
}

differential::StoreRequest request_for(const Order& order, std::shared_ptr<ManualClock> clock) {
  differential::StoreRequest request;
  request.clock = std::move(clock);
  request.folder = order.folder + "/player" + std::to_string(order.script.process);
  return request;
}

// All but the first order's, each in a thread of its own on the first one's store.
void work_beside(const std::vector<Order>& orders, const differential::StoreUnderTest& store,
                 Player& first, const std::shared_ptr<ManualClock>& clock) {
  std::vector<std::jthread> threads;
  for (const Order& order : orders) {
    if (&order == &orders.front()) continue;
    threads.emplace_back([&] {
      try {
        Player player(store, request_for(order, clock), first.shared_memory());
        work(order, player, *clock);
      } catch (const std::exception& error) {
        std::cerr << "crash_driver: " << error.what() << "\n";
        std::_Exit(3);
      }
    });
  }
  work(orders.front(), first, *clock);
}

int run(const std::vector<Order>& orders) {
  const Order& order = orders.front();
  const auto clock = std::make_shared<ManualClock>();
  const std::vector<ScriptedStep> steps = steps_of(order.script, order.to);
  if (!steps.empty()) clock->set(steps[std::min(order.from, steps.size() - 1)].now);
  const std::string watched = order.watches_sockets ? "sockets" : order.folder;
  if (!order.opens_undisturbed) arm(watched, order.kill);
  differential::StoreUnderTest store = store_at(order.url);
  // Where several threads have it open, none of them closes it.
  store.persists = orders.size() == 1;
  Player player(store, request_for(order, clock));
  if (order.opens_undisturbed) arm(watched, order.kill);
  try {
    work_beside(orders, store, player, clock);
  } catch (const Error& error) {
    // One that persists leaves its step in doubt only where the store cannot say either.
    if (!order.persists || error.code() != ErrorCode::commit_unknown) throw;
  }
  if (order.dies_at_end) die();
  return 0;
}

}  // namespace
}  // namespace holdfast::fault_tests

int main(int argc, char** argv) try {
  using namespace holdfast::fault_tests;
  return run(Order::from_words({argv + 1, argv + argc}));
} catch (const std::exception& error) {
  std::cerr << "crash_driver: " << error.what() << "\n";
  return 3;
}
