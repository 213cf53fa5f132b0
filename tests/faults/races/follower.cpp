#include "follower.hpp"

#include <algorithm>
#include <atomic>
#include <thread>

namespace holdfast::fault_tests {

void Follower::catch_up() {
  constexpr std::size_t at_once = 3;  // So that pages end everywhere.
  for (bool more = true; more;) {
    const ChangePage page = memory_.changes(after_, at_once);
    for (const Change& change : page.changes) take(change);
    if (page.next_after < after_) disorder_ = "the position went back";
    after_ = page.next_after;
    more = page.more;
  }
}

void Follower::take(const Change& change) {
  if (change.revision <= after_) disorder_ = "a change came at or below the position";
  if (change.record) {
    copy_[change.address.key] = *change.record;
  } else {
    copy_.erase(change.address.key);
  }
}

std::string Follower::difference() {
  if (!disorder_.empty()) return disorder_;
  const Timestamp now = memory_.now();
  std::erase_if(copy_, [&](const auto& item) {
    return item.second.expires_at && *item.second.expires_at <= now;
  });
  MemoryQuery query;
  query.scope.ns = history_namespace();
  const Page page = memory_.query(query);
  for (const Entry& entry : page.entries) {
    const auto found = copy_.find(entry.key);
    const std::string held = entry.key + " is " + describe(shown_of(entry));
    if (found == copy_.end()) return held + ", and its follower has nothing";
    if (found->second != static_cast<const Record&>(entry)) {
      return held + ", and for its follower " + describe(shown_of(found->second));
    }
  }
  for (const auto& [key, record] : copy_) {
    const bool is_there = std::ranges::find(page.entries, key, &Entry::key) != page.entries.end();
    if (!is_there) return key + " is gone, and for its follower " + describe(shown_of(record));
  }
  return {};
}

std::string follow_game(Memory& memory, Memory& followed, Stage& stage, const Game& game) {
  Follower follower(followed);
  std::atomic<bool> done{false};
  Played played;
  {
    std::jthread thread([&] {
      while (!done) follower.catch_up();
    });
    played = play(memory, stage, game);
    done = true;
  }
  follower.catch_up();
  const std::string seed = "Seed " + std::to_string(game.seed) + ": ";
  if (!played.problems.empty()) return seed + played.problems.front();
  const std::string difference = follower.difference();
  return difference.empty() ? "" : seed + difference;
}

}  // namespace holdfast::fault_tests
