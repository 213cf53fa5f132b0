#include "locomo_store.hpp"

#include <algorithm>
#include <chrono>
#include <iterator>
#include <map>
#include <set>
#include <utility>

namespace holdfast::locomo {
namespace {

// A day without words, for sessions that name none.
constexpr Timestamp no_day = std::chrono::sys_days(std::chrono::year(0) / 1 / 1);

std::map<std::string, std::vector<Entry>> entries_by_conversation(
    const std::vector<Session>& sessions) {
  std::map<std::string, std::vector<Entry>> by_conversation;
  for (const Session& session : sessions) {
    std::vector<Entry>& entries = by_conversation[session.conversation];
    for (const Message& turn : session.turns) {
      Entry& entry = entries.emplace_back();
      entry.ns = namespace_of(session);
      entry.key = turn.id();
      entry.value = turn.json();
      entry.created_at = entry.updated_at = session.day.value_or(no_day);
    }
  }
  return by_conversation;
}

bool is_same(const Entry& stored, const Entry& wanted) {
  return stored.ns == wanted.ns && stored.key == wanted.key && stored.value == wanted.value &&
         stored.created_at == wanted.created_at && !stored.expires_at;
}

// What the store has of a conversation, in order of insertion.
std::vector<Entry> stored(Memory& memory, const std::string& conversation) {
  MemoryQuery query;
  query.scope = {namespace_of(conversation), true};
  query.order = OrderBy::created;
  query.limit = MemoryQuery::max_limit;
  std::vector<Entry> entries;
  do {
    Page page = memory.query(query);
    std::move(page.entries.begin(), page.entries.end(), std::back_inserter(entries));
    query.cursor = std::move(page.cursor);
  } while (!query.cursor.empty());
  return entries;
}

void refuse_others(const std::vector<Entry>& there, const std::vector<Entry>& wanted) {
  std::set<std::pair<Namespace, std::string>> addresses;
  for (const Entry& entry : wanted) addresses.emplace(entry.ns, entry.key);
  for (const Entry& entry : there) {
    if (addresses.contains({entry.ns, entry.key})) continue;
    throw BadFile("the store has an entry \"" + entry.key + "\" in " +
                  std::string(entry.ns.text()) +
                  ", which is no turn of the file; a search would find it as well");
  }
}

// What lies there already and is not as it should be is replaced, with all others, so that the
// order is that of the file.
std::size_t bring_in(Memory& memory, const std::string& conversation,
                     const std::vector<Entry>& wanted, const SearchConfig& config) {
  const std::vector<Entry> there = stored(memory, conversation);
  const bool is_there =
      std::equal(there.begin(), there.end(), wanted.begin(), wanted.end(), is_same);
  if (!is_there) refuse_others(there, wanted);
  memory.configure_search(namespace_of(conversation), config);
  if (is_there) return 0;
  memory.restore(wanted, RestoreRevisions::assign);
  return wanted.size();
}

}  // namespace

std::size_t load(Memory& memory, const std::vector<Session>& sessions, const SearchConfig& config) {
  std::size_t turns = 0;
  for (const auto& [conversation, wanted] : entries_by_conversation(sessions)) {
    turns += bring_in(memory, conversation, wanted, config);
  }
  return turns;
}

std::vector<std::string> search(Memory& memory, const std::string& conversation,
                                const std::string& text, std::size_t count) {
  SearchQuery query;
  query.scope = {namespace_of(conversation), true};
  query.text = text;
  query.limit = count;
  std::vector<std::string> ids;
  for (SearchHit& hit : memory.search(query).hits) ids.push_back(std::move(hit.entry.key));
  return ids;
}

}  // namespace holdfast::locomo
