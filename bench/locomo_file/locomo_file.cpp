#include "locomo_file/locomo_file.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <fstream>
#include <iterator>
#include <optional>
#include <regex>
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

// The day of a text such as "1:56 pm on 8 May, 2023"; empty for a text of another form.
std::optional<Timestamp> day_in(const std::string& text) {
  constexpr auto months = std::to_array<std::string_view>(
      {"January", "February", "March", "April", "May", "June", "July", "August", "September",
       "October", "November", "December"});
  const std::regex form(R"(.* on (\d{1,2}) ([A-Z][a-z]+), (\d{4}))");
  std::smatch match;
  if (!std::regex_match(text, match, form)) return std::nullopt;
  const auto month = std::find(months.begin(), months.end(), match[2].str());
  const std::chrono::year_month_day day{
      std::chrono::year(std::stoi(match[3])),
      std::chrono::month(static_cast<unsigned>(month - months.begin()) + 1),
      std::chrono::day(static_cast<unsigned>(std::stoi(match[1])))};
  if (!day.ok()) return std::nullopt;
  return Timestamp(std::chrono::sys_days(day));
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
  Session session;
  session.conversation = conversation;
  session.number = number;
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
      const auto time = conversation[member.key + "_date_time"].get_if<std::string>();
      if (time) found.back().day = day_in(*time);
    }
  }
  std::sort(found.begin(), found.end(),
            [](const Session& a, const Session& b) { return a.number < b.number; });
  sessions.insert(sessions.end(), std::make_move_iterator(found.begin()),
                  std::make_move_iterator(found.end()));
}

Question question_of(const MemoryValue& qa, const std::string& conversation,
                     const std::string& where) {
  if (qa.kind() != ValueKind::map) throw BadFile(where + " is not an object");
  const auto category = qa["category"].get_if<std::int64_t>();
  if (!category) throw BadFile(where + " has no category");
  Question question{conversation, text_member(qa, "question", where), *category, {}};
  for (const MemoryItem& id : qa["evidence"].items()) {
    const auto text = id.value.get_if<std::string>();
    if (!text) throw BadFile(where + " has evidence that is not a string");
    question.evidence.push_back(*text);
  }
  return question;
}

void read_questions(const MemoryValue& sample, std::vector<Question>& questions) {
  const std::string name = sample["sample_id"].get<std::string>();
  std::size_t number = 0;
  for (const MemoryItem& qa : sample["qa"].items()) {
    const std::string where = name + ", question " + std::to_string(++number);
    questions.push_back(question_of(qa.value, name, where));
  }
}

File read(const std::string& path, bool with_questions) {
  const std::string text = read_text(path);
  File file;
  try {
    const MemoryValue samples = MemoryValue::parse(text);
    if (samples.kind() != ValueKind::list) throw BadFile("not a list of conversations");
    std::size_t index = 0;
    for (const MemoryItem& sample : samples.items()) {
      read_conversation(sample.value, index++, file.sessions);
      if (with_questions) read_questions(sample.value, file.questions);
    }
  } catch (const BadFile& error) {
    throw BadFile(path + ": " + error.what());
  } catch (const Error& error) {
    throw BadFile(path + ": " + error.message());
  }
  return file;
}

}  // namespace

Namespace namespace_of(const std::string& conversation) {
  return Namespace("locomo") / conversation;
}

Namespace namespace_of(const Session& session) {
  return namespace_of(session.conversation) / ("session_" + std::to_string(session.number));
}

std::vector<Session> read_file(const std::string& path) { return read(path, false).sessions; }

File read_file_with_questions(const std::string& path) { return read(path, true); }

}  // namespace holdfast::locomo
