#include "crash_order.hpp"

#include <cstddef>
#include <sstream>
#include <stdexcept>
#include <utility>

namespace holdfast::fault_tests {

std::vector<std::string> Order::words() const {
  return {url,
          folder,
          script.name,
          std::to_string(script.seed),
          std::to_string(script.process),
          script.backup,
          std::to_string(from),
          std::to_string(to),
          to_string(kill.moment),
          std::to_string(kill.number),
          std::to_string(kill.victim),
          std::to_string(kill.signal),
          watches_sockets ? "sockets" : "files",
          opens_undisturbed ? "opens-undisturbed" : "opens-watched",
          dies_at_end ? "dies" : "ends",
          persists ? "persists" : "gives-up"};
}

std::vector<Order> Order::from_words(const std::vector<std::string>& all) {
  const std::size_t length = Order().words().size();
  if (all.empty() || all.size() % length != 0)
    throw std::invalid_argument("another count of words");
  std::vector<Order> orders;
  for (auto words = all.begin(); words != all.end(); words += static_cast<std::ptrdiff_t>(length)) {
    Order order;
    order.url = words[0];
    order.folder = words[1];
    order.script = {words[2], std::stoull(words[3]), std::stoi(words[4]), words[5]};
    order.from = std::stoull(words[6]);
    order.to = std::stoull(words[7]);
    order.kill = {moment_named(words[8]), std::stoull(words[9]), std::stoi(words[10]),
                  std::stoi(words[11])};
    order.watches_sockets = words[12] == "sockets";
    order.opens_undisturbed = words[13] == "opens-undisturbed";
    order.dies_at_end = words[14] == "dies";
    order.persists = words[15] == "persists";
    orders.push_back(std::move(order));
  }
  return orders;
}

Told told_by(const std::string& text, int process) {
  Told told;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string word;
    int who = 0;
    std::size_t step = 0;
    words >> word;
    if (word == "killed") {
      told.killed = line.substr(word.size() + 1);
      continue;
    }
    words >> who >> step;
    if (who != process) continue;
    if (word == "intends") told.in_doubt = step;
    if (word == "acknowledged") {
      words >> told.acknowledged[step];
      told.in_doubt.reset();
    }
    if (word == "again") ++told.again;
    if (word == "unknown") ++told.unknown;
  }
  return told;
}

}  // namespace holdfast::fault_tests
