#include "random_steps.hpp"

#include <array>
#include <string_view>
#include <utility>

#include "awkward.hpp"

namespace holdfast::differential {
namespace {

// A call that no store takes.
struct Refusal {
  std::string_view text;
  void (*call)(Player&);
};

void query_with_cursor_of_another(Player& player) {
  MemoryQuery query;
  query.scope = {Namespace(), true};
  query.limit = 1;
  query.cursor = player.memory().query(query).cursor;
  if (query.cursor.empty()) query.cursor = "none";
  query.order = OrderBy::created;
  static_cast<void>(player.memory().query(query));
}

void query_limited_to(Player& player, std::size_t limit) {
  MemoryQuery query;
  query.limit = limit;
  static_cast<void>(player.memory().query(query));
}

void restore_impossible_revisions(Player& player) {
  Entry entry;
  entry.created_revision = 2;
  entry.revision = 1;
  player.memory().restore(std::array{entry}, RestoreRevisions::keep);
}

constexpr std::array refusals{
    Refusal{"a key of 1,025 bytes",
            [](Player& player) { player.memory().set("a", std::string(1025, 'k'), 1); }},
    Refusal{"a key with U+0000",
            [](Player& player) { player.memory().erase("a", std::string_view("k\0", 2)); }},
    Refusal{"a key that is not UTF-8",
            [](Player& player) { static_cast<void>(player.memory().get("a", "\xff")); }},
    Refusal{"the library's own namespace",
            [](Player& player) { player.memory().set("$holdfast/a", "k", 1); }},
    Refusal{"a deadline both kept and given",
            [](Player& player) {
              player.memory().set("a", "k", 1,
                                  {.ttl = std::chrono::milliseconds(1), .keep_ttl = true});
            }},
    Refusal{"a value over the limit",
            [](Player& player) {
              player.memory().set("a", "k", std::string(max_value_bytes_here - 1, 'v'));
            }},
    Refusal{"a page of no entries", [](Player& player) { query_limited_to(player, 0); }},
    Refusal{"a page of 10,001 entries", [](Player& player) { query_limited_to(player, 10'001); }},
    Refusal{"another query's cursor", query_with_cursor_of_another},
    Refusal{"a forged cursor",
            [](Player& player) {
              MemoryQuery query;
              query.cursor = "forged";
              static_cast<void>(player.memory().query(query));
            }},
    Refusal{"changes before every write",
            [](Player& player) { static_cast<void>(player.memory().changes(-1)); }},
    Refusal{"no changes at a time",
            [](Player& player) { static_cast<void>(player.memory().changes(0, 0)); }},
    Refusal{"impossible revisions", restore_impossible_revisions},
};

}  // namespace

RandomSteps::RandomSteps(std::uint64_t seed, Timestamp start)
    : RandomSteps(seed, start, awkward_pool(seed)) {}

RandomSteps::RandomSteps(std::uint64_t seed, Timestamp start, conformance::InputPool pool)
    : inputs_(seed, std::move(pool)), now_(start) {}

Step RandomSteps::next() {
  static constexpr std::array choices{
      Weighted{30, &RandomSteps::single},
      Weighted{8, &RandomSteps::read},
      Weighted{2, &RandomSteps::refreshing_read},
      Weighted{2, &RandomSteps::take},
      Weighted{6, &RandomSteps::increment},
      Weighted{4, &RandomSteps::touch},
      Weighted{3, &RandomSteps::update},
      Weighted{10, &RandomSteps::batch},
      Weighted{2, &RandomSteps::set_many},
      Weighted{1, &RandomSteps::erase_many},
      Weighted{5, &RandomSteps::transaction},
      Weighted{3, &RandomSteps::get_many},
      Weighted{10, &RandomSteps::query},
      Weighted{6, &RandomSteps::walk},
      Weighted{2, &RandomSteps::top},
      Weighted{4, &RandomSteps::count},
      Weighted{1, &RandomSteps::clear},
      Weighted{4, &RandomSteps::namespaces},
      Weighted{2, &RandomSteps::stats},
      Weighted{2, &RandomSteps::changes},
      Weighted{1, &RandomSteps::restore},
      Weighted{1, &RandomSteps::refused_restore},
      Weighted{2, &RandomSteps::refused},
      Weighted{1, &RandomSteps::sweep},
      Weighted{8, &RandomSteps::move_clock},
  };
  if (inputs_.chance(500)) return reopen();
  return (this->*inputs_.weighted(choices).draw)();
}

Step RandomSteps::read() {
  const auto [ns, key] = inputs_.place();
  return {"read " + ns + ":" + key, [ns, key](Player& player, Answer& answer) {
            answer.add("exists", player.memory().exists(ns, key));
            const auto value = player.memory().get(ns, key);
            answer.add_value("get", value.value_or(MemoryValue("nothing")));
            answer.add_entry("get_entry", player.memory().get_entry(ns, key));
          }};
}

Step RandomSteps::refreshing_read() {
  const auto [ns, key] = inputs_.place();
  const Ttl ttl(std::chrono::milliseconds(1 + inputs_.draw(40)));
  return {"read " + ns + ":" + key + " and refresh its deadline",
          [ns, key, ttl](Player& player, Answer& answer) {
            answer.add_entry("get_entry", player.memory().get_entry(ns, key, {.refresh_ttl = ttl}));
          }};
}

Step RandomSteps::take() {
  const auto [ns, key] = inputs_.place();
  return {"take " + ns + ":" + key, [ns, key](Player& player, Answer& answer) {
            answer.add_entry("taken", player.memory().take(ns, key));
          }};
}

Step RandomSteps::stats() {
  return {"stats", [](Player& player, Answer& answer) {
            const MemoryStats stats = player.memory().stats();
            answer.add("entries", stats.entries);
            answer.add("bytes", stats.bytes);
            answer.add("namespaces", stats.namespaces);
            const Revision seen = player.greatest_revision();
            answer.add("last_revision reaches what was seen", stats.last_revision >= seen);
            answer.add("stable_revision reaches what was seen",
                       player.memory().stable_revision() >= seen);
            const HandleCounters counters = player.counters();
            answer.add("hits", counters.hits);
            answer.add("misses", counters.misses);
            answer.add("writes", counters.writes);
            answer.add("is healthy", player.memory().health().ok);
          }};
}

Step RandomSteps::refused() {
  const Refusal& refusal = refusals.at(inputs_.draw(refusals.size()));
  return {"ask for " + std::string(refusal.text), [&refusal](Player& player, Answer& answer) {
            refusal.call(player);
            answer.add("call", "returned");
          }};
}

// How many go is the store's own affair, as each reclaims expired entries in passing too.
Step RandomSteps::sweep() {
  const std::size_t most = inputs_.draw(10);
  return {"sweep " + std::to_string(most), [most](Player& player, Answer& answer) {
            answer.add("sweeps no more", player.memory().sweep(most) <= most);
          }};
}

Step RandomSteps::move_clock() {
  const std::chrono::milliseconds by(inputs_.draw(10));
  now_ += by;
  return {"move the clock by " + std::to_string(by.count()) + " ms", [](Player&, Answer&) {}, by};
}

Step RandomSteps::reopen() {
  return {"reopen", [](Player& player, Answer&) { player.reopen(); }};
}

}  // namespace holdfast::differential
