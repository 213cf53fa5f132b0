#include "locomo_file.hpp"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <iterator>
#include <optional>
#include <string_view>
#include <utility>

#include "holdfast/error.hpp"
#include "holdfast/value.hpp"

namespace holdfast::locomo {
namespace {

std::string read_text(const std::string& path) {
  std::ifstream input(path, std::ios::binary);
  if (!input) throw BadFile(path + ": cannot be opened");
  std::string text(std::istreambuf_iterator<char>(input), {});
  if (input.bad()) throw BadFile(path + ": cannot be read");
  return text;
}

std::string text_member(const MemoryValue& map, std::string_view member, const std::string& where) {
  const auto text = map[member].get_if<std::string>();
  if (!text) throw BadFile(where + " has no " + std::string(member));
  return *text;
}

// The first speaker of a conversation takes the part of the user, the other that of the assistant.
Message message_of(const MemoryValue& turn, const std::string& user, const std::string& where) {
  const std::string speaker = text_member(turn, "speaker", where);
  return Message::of(speaker == user ? Role::user : Role::assistant,
                     text_member(turn, "text", where))
      .with_id(text_member(turn, "dia_id", where))
      .with_name(speaker)
      .with_metadata(turn);
}

// N of "session_N"; empty for other members, such as "session_N_date_time".
std::optional<std::size_t> session_number(std::string_view member) {
  constexpr std::string_view prefix = "session_";
  if (!member.starts_with(prefix)) return std::nullopt;
  member.remove_prefix(prefix.size());
  std::size_t number = 0;
  const auto [end, error] = std::from_chars(member.data(), member.data() + member.size(), number);
  if (error != std::errc() || end != member.data() + member.size()) return std::nullopt;
  return number;
}

Session session_of(const MemoryValue& turns, const std::string& conversation, std::size_t number,
                   const std::string& user) {
  const std::string name = conversation + ", session_" + std::to_string(number);
  if (turns.kind() != ValueKind::list) throw BadFile(name + " is not a list of turns");
  Session session{conversation, number, {}};
  for (const MemoryItem& turn : turns.items()) {
    const std::string where = name + ", turn " + std::to_string(session.turns.size() + 1);
    if (turn.value.kind() != ValueKind::map) throw BadFile(where + " is not an object");
    session.turns.push_back(message_of(turn.value, user, where));
  }
  return session;
}

void read_conversation(const MemoryValue& sample, std::size_t index,
                       std::vector<Session>& sessions) {
  const std::string where = "conversation " + std::to_string(index + 1);
  if (sample.kind() != ValueKind::map) throw BadFile(where + " is not an object");
  const std::string name = text_member(sample, "sample_id", where);
  const MemoryValue conversation = sample["conversation"];
  if (conversation.kind() != ValueKind::map) {
    throw BadFile(where + " has no object \"conversation\"");
  }
  const std::string user = text_member(conversation, "speaker_a", where);
  std::vector<Session> found;
  for (const MemoryItem& member : conversation.items()) {
    if (const auto number = session_number(member.key)) {
      found.push_back(session_of(member.value, name, *number, user));
    }
  }
  std::sort(found.begin(), found.end(),
            [](const Session& a, const Session& b) { return a.number < b.number; });
  sessions.insert(sessions.end(), std::make_move_iterator(found.begin()),
                  std::make_move_iterator(found.end()));
}

}  // namespace

std::vector<Session> read_file(const std::string& path) {
  const std::string text = read_text(path);
  std::vector<Session> sessions;
  try {
    const MemoryValue samples = MemoryValue::parse(text);
    if (samples.kind() != ValueKind::list) throw BadFile("not a list of conversations");
    std::size_t index = 0;
    for (const MemoryItem& sample : samples.items()) {
      read_conversation(sample.value, index++, sessions);
    }
  } catch (const BadFile& error) {
    throw BadFile(path + ": " + error.what());
  } catch (const Error& error) {
    throw BadFile(path + ": " + error.message());
  }
  return sessions;
}

}  // namespace holdfast::locomo
