// A process for the tests of several processes on one file:
//   sharing_driver write STORE NAME COUNT [OPTIONS]  writes COUNT entries, one a write
//   sharing_driver acknowledge STORE NAME [OPTIONS]  writes until it is killed; says each key once
//                                                    its write has returned
//   sharing_driver increment STORE COUNT             increments one counter COUNT times
//   sharing_driver configure STORE NS                makes texts in a namespace searchable
//   sharing_driver say STORE NS KEY TEXT             writes one entry
//   sharing_driver reconfigure STORE NS              gives a namespace one configuration after the
//                                                    other until it is killed; says each
#include <unistd.h>

#include <cstdlib>
#include <iostream>
#include <string>
#include <vector>

#include "holdfast/sqlite.hpp"

namespace {

holdfast::Memory open(const std::string& store, const std::string& options) {
  holdfast::BackendRegistry registry;
  holdfast::register_sqlite(registry);
  return registry.open("sqlite:" + store + "?busy_timeout=60s" + options);
}

void write(holdfast::Memory& memory, const std::string& name, int count) {
  for (int i = 0; i < count; ++i) memory.set("process/" + name, "key" + std::to_string(i), i);
}

[[noreturn]] void acknowledge(holdfast::Memory& memory, const std::string& name) {
  for (int i = 0;; ++i) {
    const std::string key = name + "-" + std::to_string(i);
    const auto result = memory.set("acknowledged", key, std::string(200, 'x'));
    // One system call a line, so that a line is there or not.
    const std::string line = key + " " + std::to_string(result.revision) + "\n";
    if (::write(STDOUT_FILENO, line.data(), line.size()) < 0) std::exit(4);
  }
}

[[noreturn]] void reconfigure(holdfast::Memory& memory, const std::string& ns) {
  for (int weight = 1;; weight = weight % 1000 + 1) {
    holdfast::SearchConfig config = holdfast::SearchConfig::texts({""});
    config.fields.front().weight = weight;
    memory.configure_search(ns, config);
    const std::string line = std::to_string(weight) + "\n";
    if (::write(STDOUT_FILENO, line.data(), line.size()) < 0) std::exit(4);
  }
}

int run(const std::vector<std::string>& arguments) {
  const std::string& command = arguments.at(0);
  if (command == "write") {
    auto memory = open(arguments.at(1), arguments.size() > 4 ? arguments[4] : "");
    write(memory, arguments.at(2), std::stoi(arguments.at(3)));
    return 0;
  }
  if (command == "acknowledge") {
    auto memory = open(arguments.at(1), arguments.size() > 3 ? arguments[3] : "");
    acknowledge(memory, arguments.at(2));
  }
  if (command == "increment") {
    auto memory = open(arguments.at(1), "");
    for (int i = 0; i < std::stoi(arguments.at(2)); ++i) memory.increment("shared", "counter");
    return 0;
  }
  if (command == "configure") {
    open(arguments.at(1), "")
        .configure_search(arguments.at(2), holdfast::SearchConfig::texts({""}));
    return 0;
  }
  if (command == "say") {
    open(arguments.at(1), "").set(arguments.at(2), arguments.at(3), arguments.at(4));
    return 0;
  }
  if (command == "reconfigure") {
    auto memory = open(arguments.at(1), "");
    reconfigure(memory, arguments.at(2));
  }
  return 2;
}

}  // namespace

int main(int argc, char** argv) try {
  return run({argv + 1, argv + argc});
} catch (const std::exception& error) {
  std::cerr << error.what() << "\n";
  return 3;
}
