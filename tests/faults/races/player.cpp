#include "player.hpp"

#include <algorithm>
#include <limits>
#include <utility>

namespace holdfast::fault_tests {
namespace {

using Action = Step::Action;
using Call = Operation::Call;

constexpr Revision never_given = std::numeric_limits<Revision>::max();
constexpr std::size_t swept_at_once = 1;  // So that sweeps leave something.

}  // namespace

const Namespace& history_namespace() {
  static const Namespace ns("history");
  return ns;
}

const std::string& history_key(std::size_t key) {
  static const std::vector<std::string> keys{"a", "b", "c", "d"};
  return keys.at(key);
}

Player::Player(Stage& stage, Seat seat, const Game& game, unsigned number)
    : stage_(stage),
      seat_(seat),
      game_(game),
      number_(number),
      random_(game.seed * 1000 + number),
      // No two players write the same value.
      values_(std::int64_t{number} << 32),
      known_revisions_(game.keys, never_given) {
  for (const Choice& choice : game.moves) weights_ += choice.weight;
}

void Player::play(std::uint32_t round) {
  round_ = round;
  for (unsigned i = 0; i < game_.calls; ++i) {
    std::uint64_t drawn = below(weights_);
    for (const Choice& choice : game_.moves) {
      if (drawn < choice.weight) {
        make(choice.move);
        break;
      }
      drawn -= choice.weight;
    }
  }
}

void Player::close_round(std::uint32_t round) {
  round_ = round;
  for (std::size_t key = 0; key < game_.keys; ++key) {
    call(Call::get_entry, [&](Operation& operation, const Context&) {
      operation.closes_round = true;
      const auto entry = seat_.writing.get_entry(history_namespace(), history_key(key));
      answer_read(operation.add(Action::read, key), entry);
    });
  }
}

void Player::make(Move move) {
  switch (move) {
    case Move::get:
      return get(Call::get);
    case Move::get_entry:
      return get(Call::get_entry);
    case Move::get_and_refresh:
      return get_and_refresh();
    case Move::set:
      return set(false);
    case Move::set_conditionally:
      return set(true);
    case Move::erase:
      return erase(Call::erase, false);
    case Move::erase_conditionally:
      return erase(Call::erase, true);
    case Move::take:
      return erase(Call::take, false);
    case Move::increment:
      return increment();
    case Move::touch:
      return touch();
    case Move::update:
      return update();
    case Move::write:
      return write();
    case Move::get_many:
      return get_many();
    case Move::query:
      return query();
    case Move::clear:
      return clear();
    case Move::transaction:
      return transaction();
    case Move::advance:
      return stage_.advance();
    case Move::sweep:
      return call(Call::sweep, [&](Operation&, const Context& context) {
        seat_.writing.sweep(swept_at_once, context);
      });
  }
}

void Player::call(Operation::Call name, const Body& body) {
  Operation operation;
  operation.call = name;
  operation.thread = static_cast<std::uint16_t>(number_);
  operation.round = round_;
  Context context;
  if (game_.hurry && below(16) == 0) {
    const auto longest = static_cast<std::uint64_t>(game_.hurry->count());
    context.deadline = std::chrono::steady_clock::now() +
                       std::chrono::microseconds(static_cast<std::int64_t>(below(longest)));
  }
  operation.called = stage_.moment();
  operation.earliest = stage_.now();
  try {
    body(operation, context);
  } catch (const Error& error) {
    return note_error(error, operation);
  }
  operation.latest = stage_.now();
  operation.returned = stage_.moment();
  operations_.push_back(operation);
}

void Player::note_error(const Error& error, Operation& operation) {
  const bool reruns = operation.call == Call::update || operation.call == Call::transaction;
  const bool is_refusal = (error.code() == ErrorCode::deadline_exceeded && game_.hurry) ||
                          (error.code() == ErrorCode::resource_exhausted && game_.limited) ||
                          (error.code() == ErrorCode::aborted && reruns);
  if (is_refusal) {
    ++refused_;
  } else {
    problems_.push_back(describe(operation) + " threw " + error.what());
  }
}

void Player::get(Operation::Call name) {
  const std::size_t key = random_key();
  call(name, [&](Operation& operation, const Context& context) {
    Step& step = operation.add(Action::read, key);
    if (name == Call::get_entry) {
      return answer_read(
          step, seat_.reading.get_entry(history_namespace(), history_key(key), {}, context));
    }
    answer_value(step, seat_.reading.get(history_namespace(), history_key(key), {}, context));
  });
}

void Player::get_and_refresh() {
  const std::size_t key = random_key();
  call(Call::get_and_refresh, [&](Operation& operation, const Context& context) {
    Step& step = operation.add(Action::touch, key);
    step.ttl = random_ttl();
    const auto entry = seat_.writing.get_entry(history_namespace(), history_key(key),
                                               {.refresh_ttl = ttl_of(step)}, context);
    answer_read(step, entry);
    step.status = entry ? WriteStatus::updated : WriteStatus::absent;
    if (!entry) return;
    // What is new of it is of the moment after.
    step.tells_revision = true;
    step.revision = entry->revision;
    step.before->revision = 0;
    step.before->updated_at = step.before->expires_at = not_shown;
  });
}

void Player::set(bool conditionally) {
  const std::size_t key = random_key();
  call(Call::set, [&](Operation& operation, const Context& context) {
    Step& step = operation.add(Action::set, key);
    ask_to_set(step);
    if (conditionally) step.precondition = random_precondition(key);
    SetOptions options = set_options(step);
    options.return_previous = below(4) == 0;
    const WriteResult result =
        seat_.writing.set(history_namespace(), history_key(key), step.number, options, context);
    step.tells_before = options.return_previous;
    answer(step, result);
    if (step.status == WriteStatus::unmet) operation.failed = 0;
  });
}

void Player::erase(Operation::Call name, bool conditionally) {
  const std::size_t key = random_key();
  call(name, [&](Operation& operation, const Context& context) {
    Step& step = operation.add(Action::erase, key);
    if (name == Call::take) {
      const auto taken = seat_.writing.take(history_namespace(), history_key(key), context);
      answer_read(step, taken);
      step.status = taken ? WriteStatus::erased : WriteStatus::absent;
      return;
    }
    if (conditionally) step.precondition = random_precondition(key);
    const EraseOptions options{step.precondition, below(4) == 0};
    const WriteResult result =
        seat_.writing.erase(history_namespace(), history_key(key), options, context);
    step.tells_before = options.return_previous;
    answer(step, result);
    if (step.status == WriteStatus::unmet) operation.failed = 0;
  });
}

void Player::increment() {
  const std::size_t key = random_key();
  call(Call::increment, [&](Operation& operation, const Context& context) {
    Step& step = operation.add(Action::increment, key);
    step.number = 1 + static_cast<std::int64_t>(below(3));
    step.sum = seat_.writing.increment(history_namespace(), history_key(key), step.number, context);
  });
}

void Player::touch() {
  const std::size_t key = random_key();
  call(Call::touch, [&](Operation& operation, const Context& context) {
    Step& step = operation.add(Action::touch, key);
    step.ttl = below(4) == 0 ? 0 : random_ttl();
    const bool touched =
        seat_.writing.touch(history_namespace(), history_key(key), ttl_of(step), context);
    step.status = touched ? WriteStatus::updated : WriteStatus::absent;
  });
}

void Player::update() {
  const std::size_t key = random_key();
  const bool erases = below(5) == 0;
  const std::int64_t value = new_value();
  call(Call::update, [&](Operation& operation, const Context& context) {
    Step& seen = operation.add(Action::read, key);
    const auto updater = [&](const Record* current) -> std::optional<MemoryValue> {
      seen.tells_before = true;
      seen.before = current == nullptr ? std::nullopt : std::optional(shown_of(*current));
      if (erases) return std::nullopt;
      return MemoryValue(value);
    };
    const WriteResult result =
        seat_.writing.update(history_namespace(), history_key(key), updater, context);
    if (erases && !seen.before) return;
    Step& step = operation.add(erases ? Action::erase : Action::set, key);
    step.number = value;
    step.keep_ttl = !erases;
    answer(step, result);
  });
}

void Player::get_many() {
  call(Call::get_many, [&](Operation& operation, const Context& context) {
    std::vector<Address> addresses;
    for (std::size_t key = 0; key < game_.keys; ++key) {
      addresses.emplace_back(history_namespace(), history_key(key));
    }
    const auto entries = seat_.reading.get_many(addresses, context);
    for (std::size_t key = 0; key < game_.keys; ++key) {
      answer_read(operation.add(Action::read, key), entries.at(key));
    }
  });
}

void Player::query() {
  constexpr OrderBy orders[] = {OrderBy::key, OrderBy::created, OrderBy::updated};
  call(Call::query, [&](Operation& operation, const Context& context) {
    MemoryQuery query;
    query.scope.ns = history_namespace();
    query.order = orders[below(std::size(orders))];
    const Page page = seat_.reading.query(query, context);
    for (std::size_t key = 0; key < game_.keys; ++key) {
      const auto found = std::ranges::find(page.entries, history_key(key), &Entry::key);
      const bool is_there = found != page.entries.end();
      answer_read(operation.add(Action::read, key),
                  is_there ? std::optional(*found) : std::nullopt);
    }
  });
}

void Player::clear() {
  call(Call::clear, [&](Operation& operation, const Context& context) {
    for (std::size_t key = 0; key < game_.keys; ++key) operation.add(Action::erase, key);
    seat_.writing.clear({history_namespace(), false}, context);
  });
}

Precondition Player::random_precondition(std::size_t key) {
  switch (below(5)) {
    case 0:
      return Precondition::if_absent();
    case 1:
      return Precondition::if_present();
    default:
      return Precondition::if_revision(known_revisions_[key]);
  }
}

void Player::ask_to_set(Step& step) {
  step.number = new_value();
  if (!game_.deadlines) return;
  const auto drawn = below(4);
  if (drawn < 2) step.ttl = random_ttl();
  step.keep_ttl = drawn == 2;
}

SetOptions Player::set_options(const Step& step) {
  SetOptions options;
  options.precondition = step.precondition;
  options.ttl = ttl_of(step);
  options.keep_ttl = step.keep_ttl;
  return options;
}

Ms Player::random_ttl() { return Stage::tick * static_cast<Ms>(1 + below(3)); }

void Player::answer(Step& step, const WriteResult& result) {
  step.status = result.status;
  step.tells_revision = true;
  step.revision = result.revision;
  step.tells_before = step.tells_before && result.status != WriteStatus::unmet;
  if (step.tells_before && result.previous) step.before = shown_of(*result.previous);
  if (step.action == Action::increment) step.sum = result.number;
  if (result.revision != 0) known_revisions_[step.key] = result.revision;
}

void Player::answer_read(Step& step, const std::optional<Entry>& entry) {
  step.tells_before = true;
  if (!entry) return;
  step.before = shown_of(*entry);
  known_revisions_[step.key] = entry->revision;
}

void Player::answer_value(Step& step, const std::optional<MemoryValue>& value) {
  step.tells_before = true;
  if (value) step.before = Shown{.value = value->get<std::int64_t>()};
}

}  // namespace holdfast::fault_tests
