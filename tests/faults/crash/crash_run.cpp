#include "crash_run.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <iterator>
#include <utility>

namespace holdfast::fault_tests {

namespace fs = std::filesystem;

std::string CrashFolder::make(const std::string& name) const {
  const fs::path folder = path() / name;
  fs::remove_all(folder);
  fs::create_directory(folder);
  return folder.string();
}

std::string CrashFolder::copy(const std::string& from, const std::string& name) const {
  const std::string to = make(name);
  fs::copy(from, to, fs::copy_options::recursive);
  return to;
}

void Tally::add(const Order& order, const Told& told) {
  ++kills;
  if (told.in_doubt) ++unfinished;
  const std::size_t acknowledged =
      told.acknowledged.empty() ? order.from : told.acknowledged.rbegin()->first + 1;
  std::string point = order.script.name + " " + std::to_string(order.script.seed) + "/" +
                      std::to_string(order.script.process) + " step " +
                      std::to_string(told.in_doubt.value_or(acknowledged));
  point += told.in_doubt ? " within " : " outside ";
  point += told.killed.empty() ? std::to_string(order.kill.number) + " us" : told.killed;
  points.insert(std::move(point));
}

std::string Tally::text() const {
  return std::to_string(kills) + " kills at " + std::to_string(points.size()) +
         " different points, " + std::to_string(unfinished) + " of them within a step";
}

namespace {

std::vector<std::string> words_of(const std::vector<Order>& orders) {
  std::vector<std::string> words;
  for (const Order& order : orders) {
    for (std::string& word : order.words()) words.push_back(std::move(word));
  }
  return words;
}

}  // namespace

CrashDriver::CrashDriver(std::vector<Order> orders)
    : DriverProcess(CRASH_DRIVER, words_of(orders)), orders_(std::move(orders)) {}

std::string CrashDriver::described() const {
  std::string text = "crash_driver";
  for (const std::string& word : words_of(orders_)) text += " '" + word + "'";
  return text + "\nkilled " + told_by(this->text(), orders_.front().script.process).killed + "\n";
}

std::optional<Told> CrashDriver::end(Tally& tally) {
  wait();
  Told told = told_by(text(), orders_.front().script.process);
  if (was_killed()) {
    tally.add(orders_.front(), told);
  } else if (!succeeded()) {
    ADD_FAILURE() << "the driver failed: " << described() << text();
    return std::nullopt;
  }
  return told;
}

KillPoint random_kill(std::mt19937_64& random, std::uint64_t calls, std::uint64_t microseconds) {
  using Moment = KillPoint::Moment;
  constexpr Moment moments[] = {Moment::before, Moment::half,  Moment::half,
                                Moment::after,  Moment::after, Moment::timer};
  const Moment moment = moments[random() % std::size(moments)];
  return {moment, 1 + random() % (moment == Moment::timer ? microseconds : calls)};
}

std::optional<std::string> with_store(
    const std::string& url, const std::shared_ptr<ManualClock>& clock, const std::string& scratch,
    const std::function<std::optional<std::string>(Player&)>& body) {
  const differential::StoreUnderTest store = store_at(url);
  differential::StoreRequest request;
  request.clock = clock;
  request.folder = scratch + "/opened";
  try {
    Player player(store, request);
    if (player.memory().capabilities().maintenance) {
      const auto report = player.memory().maintenance().check_integrity({});
      if (!report.ok) return "unsound: " + report.problems.at(0);
    }
    return body(player);
  } catch (const Error& error) {
    return std::string("threw ") + error.what() + " " + error.cause();
  }
}

std::optional<std::string> problem_of_store(ProcessModel& model, const std::string& url,
                                            const std::string& scratch, bool probes) {
  return with_store(url, model.clock(), scratch, [&](Player& store) -> std::optional<std::string> {
    if (auto problem = model.explain(store)) return problem;
    if (!probes) return std::nullopt;
    const WriteResult probe = store.memory().set("probe", "probe", 1);
    if (store.memory().get("probe", "probe") != MemoryValue(1)) return "a new write is not there";
    if (probe.revision > model.greatest_revision()) return std::nullopt;
    return "revision " + std::to_string(probe.revision) + " was given again";
  });
}

}  // namespace holdfast::fault_tests
