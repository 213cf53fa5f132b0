#include "history.hpp"

#include <chrono>
#include <stdexcept>

namespace holdfast::fault_tests {
namespace {

constexpr std::array<std::string_view, 6> actions{"read",  "check",     "set",
                                                  "erase", "increment", "touch"};
constexpr std::array<std::string_view, 6> statuses{"created", "updated", "erased",
                                                   "absent",  "unmet",   "checked"};
constexpr std::array<std::string_view, 15> calls{
    "get",    "get_entry", "get_and_refresh", "set",   "erase", "take",        "increment", "touch",
    "update", "write",     "get_many",        "query", "clear", "transaction", "sweep"};

std::string describe(const Precondition& precondition) {
  switch (precondition.kind) {
    case Precondition::Kind::none:
      return "";
    case Precondition::Kind::if_absent:
      return " if absent";
    case Precondition::Kind::if_present:
      return " if present";
    case Precondition::Kind::if_revision:
      return " if revision is " + std::to_string(precondition.revision);
  }
  return "";
}

Ms ms_of(Timestamp instant) { return instant.time_since_epoch().count(); }

std::string asked(const Step& step) {
  std::string text(actions[static_cast<std::size_t>(step.action)]);
  text += " " + std::string(1, static_cast<char>('a' + step.key));
  if (step.action == Step::Action::set) text += "=" + std::to_string(step.number);
  if (step.action == Step::Action::increment) text += " by " + std::to_string(step.number);
  if (step.ttl != 0) text += " for " + std::to_string(step.ttl) + " ms";
  if (step.keep_ttl) text += " keeping the deadline";
  text += describe(step.precondition);
  if (step.skip) text += " (or skip)";
  return text;
}

}  // namespace

Step& Operation::add(Step::Action action, std::size_t key) {
  if (step_count == max_steps) throw std::logic_error("an operation has too many steps");
  Step& step = steps[step_count++];
  step.action = action;
  step.key = static_cast<std::uint8_t>(key);
  return step;
}

Shown shown_of(const Record& record) {
  return {record.value.get<std::int64_t>(), record.revision,
          record.created_revision,          ms_of(record.created_at),
          ms_of(record.updated_at),         record.expires_at ? ms_of(*record.expires_at) : never};
}

std::optional<Ttl> ttl_of(const Step& step) {
  if (step.ttl == 0) return std::nullopt;
  return Ttl(std::chrono::milliseconds(step.ttl));
}

std::string describe(const Shown& shown) {
  std::string text = std::to_string(shown.value);
  if (shown.revision != 0) text += " r" + std::to_string(shown.revision);
  if (shown.created_revision != 0) text += " made r" + std::to_string(shown.created_revision);
  if (shown.created_at != not_shown) text += " made@" + std::to_string(shown.created_at);
  if (shown.updated_at != not_shown) text += " updated@" + std::to_string(shown.updated_at);
  if (shown.expires_at > 0) text += " until@" + std::to_string(shown.expires_at);
  return text;
}

std::string describe(const Step& step) {
  std::string text = asked(step);
  std::string answer;
  if (step.status) answer += " " + std::string(statuses[static_cast<std::size_t>(*step.status)]);
  if (step.tells_revision) answer += " r" + std::to_string(step.revision);
  if (step.sum) answer += " sum " + std::to_string(*step.sum);
  if (step.tells_before) answer += " [" + (step.before ? describe(*step.before) : "nothing") + "]";
  return answer.empty() ? text : text + " ->" + answer;
}

std::string describe(const Operation& operation) {
  std::string text =
      "thread " + std::to_string(operation.thread) + " " + std::to_string(operation.called) + "..";
  text += operation.in_doubt ? "?" : std::to_string(operation.returned);
  text += " @" + std::to_string(operation.earliest);
  if (operation.latest != operation.earliest) text += ".." + std::to_string(operation.latest);
  text += " " + std::string(calls[static_cast<std::size_t>(operation.call)]) + ": ";
  for (const Step& step : operation.all_steps()) text += describe(step) + "; ";
  if (operation.in_doubt) text += "in doubt";
  if (operation.failed) text += "nothing applied, for step " + std::to_string(*operation.failed);
  return text;
}

}  // namespace holdfast::fault_tests
