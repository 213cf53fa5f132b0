// What many threads asked of a store at the same time, and what each was answered.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "holdfast/entry.hpp"
#include "holdfast/time.hpp"
#include "holdfast/write.hpp"

namespace holdfast::fault_tests {

inline constexpr std::size_t max_keys = 4;
inline constexpr std::size_t max_steps = 8;

// An instant or a deadline, in milliseconds.
using Ms = std::int64_t;
inline constexpr Ms never = 0;
inline constexpr Ms not_shown = -1;

// An entry as an answer shows it: its value, and what else the answer tells.
struct Shown {
  std::int64_t value = 0;
  Revision revision = 0;          // 0: not told.
  Revision created_revision = 0;  // The same.
  Ms created_at = not_shown;
  Ms updated_at = not_shown;
  Ms expires_at = not_shown;
};

// The least that can be asked of one entry, and the answer. Trivially copyable, since histories of
// several processes go through files.
struct Step {
  enum class Action : std::uint8_t { read, check, set, erase, increment, touch };

  // Asked:
  Action action = Action::read;
  std::uint8_t key = 0;
  bool keep_ttl = false;
  bool skip = false;  // Where its precondition does not hold, the steps after it go on.
  Precondition precondition{};
  std::int64_t number = 0;  // set: the value; increment: what is added.
  Ms ttl = 0;               // set, touch; 0: none.

  // Answered, as far as the call tells:
  std::optional<WriteStatus> status{};
  bool tells_revision = false;
  Revision revision = 0;  // As WriteResult has it.
  std::optional<std::int64_t> sum{};
  bool tells_before = false;
  std::optional<Shown> before{};  // What lay there; empty: nothing.

  // The revision that it was given; 0: none that is told.
  [[nodiscard]] Revision given_revision() const {
    const bool changed = status == WriteStatus::created || status == WriteStatus::updated ||
                         status == WriteStatus::erased;
    return changed && tells_revision ? revision : 0;
  }
};

// One call: steps that take effect at one moment, or none of them.
struct Operation {
  enum class Call : std::uint8_t {
    get,
    get_entry,
    get_and_refresh,
    set,
    erase,
    take,
    increment,
    touch,
    update,
    write,
    get_many,
    query,
    clear,
    transaction,
    sweep,
  };
  static constexpr std::uint64_t open_end = std::numeric_limits<std::uint64_t>::max();

  Call call = Call::get;
  bool closes_round = false;  // A read when nobody else is at work any more.
  bool in_doubt = false;      // It may have happened, at any moment after it began, or not.
  std::uint16_t thread = 0;
  std::uint32_t round = 0;
  std::uint64_t called = 0;  // Of two moments in one history the later one has the greater number,
  std::uint64_t returned = 0;  // in whatever threads they were.
  // The clock before and after: the instant that the call took for now lies in between.
  Ms earliest = 0;
  Ms latest = 0;
  std::optional<std::size_t> failed{};  // The step that ended a batch; nothing was applied.
  std::size_t step_count = 0;
  std::array<Step, max_steps> steps{};

  Step& add(Step::Action action, std::size_t key);
  [[nodiscard]] std::span<const Step> all_steps() const { return {steps.data(), step_count}; }
  [[nodiscard]] std::span<Step> all_steps() { return {steps.data(), step_count}; }
};

// All that a record shows, of a value that is a number.
[[nodiscard]] Shown shown_of(const Record& record);
[[nodiscard]] std::optional<Ttl> ttl_of(const Step& step);

// On one line, for a person.
[[nodiscard]] std::string describe(const Shown& shown);
[[nodiscard]] std::string describe(const Step& step);
[[nodiscard]] std::string describe(const Operation& operation);

}  // namespace holdfast::fault_tests
