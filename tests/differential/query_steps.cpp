// Steps that read many entries.
#include <algorithm>
#include <array>

#include "awkward.hpp"
#include "random_steps.hpp"

namespace holdfast::differential {
namespace {

// One page; whether there is another one.
bool add_page(Player& player, Answer& answer, MemoryQuery& query, const std::string& what) {
  const Page page = player.memory().query(query);
  answer.add(what + ".entries", page.entries.size());
  for (std::size_t i = 0; i < page.entries.size(); ++i) {
    answer.add_entry(what + ".entries[" + std::to_string(i) + "]", page.entries[i]);
  }
  answer.add(what + ".cursor is empty", page.cursor.empty());
  query.cursor = page.cursor;
  return !page.cursor.empty();
}

// A store whose pages never end must not keep the test from ending.
constexpr std::size_t most_pages = 5000;

void add_all_pages(Player& player, Answer& answer, MemoryQuery query) {
  for (std::size_t page = 0; page < most_pages; ++page) {
    if (!add_page(player, answer, query, "page " + std::to_string(page))) return;
  }
  answer.add("pages", "do not end");
}

void add_namespaces(Player& player, Answer& answer, NamespaceQuery query) {
  for (std::size_t pages = 0; pages < most_pages; ++pages) {
    const NamespacePage page = player.memory().list_namespaces(query);
    std::string texts;
    for (const Namespace& ns : page.namespaces) texts += "'" + std::string(ns.text()) + "' ";
    answer.add("namespaces", texts);
    query.cursor = page.cursor;
    if (query.cursor.empty()) return;
  }
  answer.add("pages", "do not end");
}

std::string described(const MemoryQuery& query) {
  constexpr std::array orders{"key", "created", "updated"};
  return std::string(query.scope.subtree ? "below '" : "in '") +
         std::string(query.scope.ns.text()) + "', prefix '" + query.key_prefix + "', pattern '" +
         query.key_pattern.text() + "', filter " +
         std::string(query.filter.to_value().json_text()) + ", order " +
         orders.at(static_cast<std::size_t>(query.order)) +
         (query.direction == Direction::ascending ? " up" : " down") + ", limit " +
         std::to_string(query.limit);
}

// Removals whose revision this store told nobody of: those by clear, by transactions, and by
// expiry, which each store reclaims when it likes and in its own order.
void add_untold(Answer& answer, std::vector<std::string> removed) {
  std::ranges::sort(removed);
  for (std::string& place : removed) answer.add("removed", std::move(place));
}

}  // namespace

MemoryQuery RandomSteps::random_query() {
  conformance::RandomFilter filter;
  MemoryQuery query = inputs_.query(now_, filter);
  if (inputs_.chance(3)) query.filter = awkward_filter(inputs_.engine());
  return query;
}

Step RandomSteps::query() {
  MemoryQuery query = random_query();
  query.keys_only = inputs_.chance(6);
  if (inputs_.chance(5)) query.limit = MemoryQuery::max_limit;
  return {"query " + described(query),
          [query](Player& player, Answer& answer) { add_all_pages(player, answer, query); }};
}

// A page now, and the pages after it when other steps have written in between.
Step RandomSteps::walk() {
  if (!inputs_.chance(4)) {
    return {"read the next page of the walk", [](Player& player, Answer& answer) {
              if (!player.walk) return answer.add("walk", "none");
              if (!add_page(player, answer, *player.walk, "page")) player.walk.reset();
            }};
  }
  MemoryQuery query = random_query();
  query.limit = 1 + inputs_.draw(4);
  return {"begin to walk " + described(query), [query](Player& player, Answer& answer) {
            player.walk = query;
            if (!add_page(player, answer, *player.walk, "page")) player.walk.reset();
          }};
}

Step RandomSteps::top() {
  MemoryQuery query = random_query();
  constexpr std::array paths{"n", "s", "tags[0]", ""};
  query.top = TopBy{paths.at(inputs_.draw(paths.size())), static_cast<Direction>(inputs_.draw(2))};
  return {"top by '" + query.top->path.text() + "' " + described(query),
          [query](Player& player, Answer& answer) {
            MemoryQuery asked = query;
            add_page(player, answer, asked, "page");
          }};
}

Step RandomSteps::get_many() {
  std::string text = "get_many";
  const std::vector<Address> addresses = inputs_.addresses();
  for (const Address& at : addresses) text += " " + std::string(at.ns.text()) + ":" + at.key;
  return {text, [addresses](Player& player, Answer& answer) {
            const auto entries = player.memory().get_many(addresses);
            answer.add("answers", entries.size());
            for (std::size_t i = 0; i < entries.size(); ++i) {
              answer.add_entry("answers[" + std::to_string(i) + "]", entries[i]);
            }
          }};
}

Step RandomSteps::count() {
  const MemoryQuery query = random_query();
  return {"count " + described(query), [query](Player& player, Answer& answer) {
            answer.add("count of the query", player.memory().count(query));
            answer.add("count of its scope", player.memory().count(query.scope));
          }};
}

Step RandomSteps::namespaces() {
  NamespaceQuery query = inputs_.namespace_query();
  constexpr std::array patterns{"a", "*", "users/*", "*/b", "a/*", "b", "*/c"};
  if (inputs_.chance(3)) query.prefix = patterns.at(inputs_.draw(patterns.size()));
  if (inputs_.chance(3)) query.suffix = patterns.at(inputs_.draw(patterns.size()));
  return {"list_namespaces prefix '" + query.prefix.text() + "' suffix '" + query.suffix.text() +
              "' depth " + std::to_string(query.max_depth.value_or(0)),
          [query](Player& player, Answer& answer) { add_namespaces(player, answer, query); }};
}

Step RandomSteps::changes() {
  const std::size_t limit = 1 + inputs_.draw(40);
  if (inputs_.chance(4)) return see_changes(0, limit);
  return see_changes(std::nullopt, limit);
}

Step see_changes(std::optional<Revision> after, std::size_t limit) {
  const auto perform = [after, limit](Player& player, Answer& answer) {
    // Afterwards all stores have reclaimed the same, and so report the same removals.
    while (player.memory().sweep() > 0) {
    }
    std::vector<std::string> untold;
    Revision at = after.value_or(player.followed);
    Revision last = at;
    for (bool more = true; more;) {
      const ChangePage page = player.memory().changes(at, limit);
      if (page.changes.size() > limit) answer.add("a page", "longer than its limit");
      if (page.more && page.next_after <= at) return answer.add("pages", "do not go on");
      for (const Change& change : page.changes) {
        const std::string place = std::string(change.address.ns.text()) + ":" + change.address.key;
        if (change.revision <= last) answer.add("changes", "are out of order at " + place);
        last = change.revision;
        if (!change.record && !player.told_of_removal(change.revision)) {
          untold.push_back(place);
          continue;
        }
        answer.add("change", (change.record ? "written " : "removed ") + place);
        answer.add_revision("change.revision", change.revision);
        if (change.record) answer.add_record("change", *change.record);
      }
      at = page.next_after;
      more = page.more;
    }
    add_untold(answer, std::move(untold));
    if (!after) player.followed = at;
  };
  return {after ? "changes after " + std::to_string(*after) : "changes since those seen last",
          perform};
}

Step see_everything() {
  return {"see everything", [](Player& player, Answer& answer) {
            MemoryQuery query;
            query.scope = {Namespace(), true};
            query.limit = MemoryQuery::max_limit;
            add_all_pages(player, answer, query);
            query.order = OrderBy::updated;
            query.limit = 7;
            query.keys_only = true;
            add_all_pages(player, answer, query);
            add_namespaces(player, answer, {});
          }};
}

}  // namespace holdfast::differential
