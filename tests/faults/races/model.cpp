#include "model.hpp"

#include <algorithm>
#include <functional>

namespace holdfast::fault_tests {
namespace {

bool agree(Ms shown, Ms held) { return shown == not_shown || shown == held; }

// One step at one instant.
class StepRun {
 public:
  StepRun(const Step& step, Ms now, bool creations_rise, Cell& cell)
      : step_(step),
        now_(now),
        creations_rise_(creations_rise),
        cell_(cell),
        live_(cell.is_live(now)) {}

  enum class End { contradicts, unmet, done };

  End run() {
    const std::optional<Revision> live = live_ ? std::optional(cell_.revision) : std::nullopt;
    if (!precondition_holds()) return answers(WriteStatus::unmet) && tells_live() ? End::unmet : no;
    // A precondition that held tells a revision that was not known.
    const bool compares = step_.precondition.kind == Precondition::Kind::if_revision;
    if (compares && live == 0 && !learn_revision(step_.precondition.revision)) return no;
    if (step_.tells_before && !before_agrees()) return no;
    return act() ? End::done : no;
  }

 private:
  static constexpr End no = End::contradicts;

  // Where a revision is not known, the answer says which of the two it was.
  bool precondition_holds() const {
    const bool compares = step_.precondition.kind == Precondition::Kind::if_revision;
    if (compares && live_ && cell_.revision == 0) {
      if (step_.precondition.revision <= cell_.floor) return false;
      return step_.status != WriteStatus::unmet;
    }
    return step_.precondition.holds(live_ ? std::optional(cell_.revision) : std::nullopt);
  }
  bool answers(WriteStatus status) const { return !step_.status || step_.status == status; }
  // `unmet` and `checked` tell the revision that lies there.
  bool tells_live() {
    if (!step_.tells_revision) return true;
    return live_ ? learn_revision(step_.revision) : step_.revision == 0;
  }
  bool before_agrees() {
    if (step_.before.has_value() != live_) return false;
    return !live_ || learn(*step_.before);
  }

  // What an answer shows of what lies there.
  bool learn(const Shown& shown) {
    if (shown.value != cell_.value) return false;
    if (shown.revision != 0 && !learn_revision(shown.revision)) return false;
    if (shown.created_revision != 0) {
      if (cell_.created_revision == 0) cell_.created_revision = shown.created_revision;
      if (cell_.created_revision != shown.created_revision) return false;
    }
    return agree(shown.created_at, cell_.created_at) && agree(shown.updated_at, cell_.updated_at) &&
           agree(shown.expires_at, cell_.expires_at);
  }
  bool learn_revision(Revision told) {
    if (cell_.revision != 0) return told == cell_.revision;
    if (!rises(told)) return false;
    cell_.revision = told;
    return true;
  }
  bool rises(Revision revision) {
    if (revision <= cell_.floor) return false;
    cell_.floor = revision;
    return true;
  }

  bool act() {
    switch (step_.action) {
      case Step::Action::read:
        return true;
      case Step::Action::check:
        return answers(WriteStatus::checked) && tells_live();
      case Step::Action::set:
        return put(step_.number, step_.keep_ttl && live_ ? cell_.expires_at : deadline());
      case Step::Action::increment:
        return increment();
      case Step::Action::erase:
        return erase();
      case Step::Action::touch:
        if (!live_) return answers(WriteStatus::absent);
        return put(cell_.value, deadline());
    }
    return false;
  }

  Ms deadline() const { return step_.ttl == 0 ? never : now_ + step_.ttl; }

  bool increment() {
    const std::int64_t sum = (live_ ? cell_.value : 0) + step_.number;
    if (step_.sum && *step_.sum != sum) return false;
    return put(sum, live_ ? cell_.expires_at : never);
  }

  bool erase() {
    if (!live_) return answers(WriteStatus::absent);
    if (!answers(WriteStatus::erased) || !is_given_its_revision()) return false;
    const Revision floor = cell_.floor;
    cell_ = {};
    cell_.floor = floor;
    return true;
  }

  bool put(std::int64_t value, Ms expires_at) {
    if (!answers(live_ ? WriteStatus::updated : WriteStatus::created)) return false;
    if (!live_ && !creations_rise_) cell_.floor = 0;
    if (!is_given_its_revision()) return false;
    cell_.revision = step_.tells_revision ? step_.revision : 0;
    if (!live_) {
      cell_.created_revision = cell_.revision;
      cell_.created_at = now_;
    }
    cell_.present = true;
    cell_.value = value;
    cell_.updated_at = now_;
    cell_.expires_at = expires_at;
    return true;
  }

  bool is_given_its_revision() { return !step_.tells_revision || rises(step_.revision); }

  const Step& step_;
  const Ms now_;
  const bool creations_rise_;
  Cell& cell_;
  const bool live_;
};

}  // namespace

bool apply(const Operation& operation, Ms now, bool creations_rise, State& state) {
  const State before = state;
  for (std::size_t i = 0; i < operation.step_count; ++i) {
    const Step& step = operation.steps[i];
    const StepRun::End end = StepRun(step, now, creations_rise, state[step.key]).run();
    if (end == StepRun::End::contradicts) return false;
    if (end == StepRun::End::done || step.skip) continue;
    if (!operation.in_doubt && operation.failed != i) return false;
    // Nothing was applied. What the answer tells of what lies there is known all the same.
    const bool learnt = step.tells_revision && before[step.key].present;
    const Cell cell = state[step.key];
    state = before;
    if (learnt) state[step.key] = cell;
    return true;
  }
  return operation.in_doubt || !operation.failed;
}

std::size_t hash_of(const State& state) {
  std::size_t hash = 0;
  const auto mix = [&](std::int64_t part) {
    hash ^= std::hash<std::int64_t>()(part) + 0x9e3779b97f4a7c15U + (hash << 6U) + (hash >> 2U);
  };
  for (const Cell& cell : state) {
    mix(cell.present ? 1 : 0);
    for (const std::int64_t part : {cell.value, cell.revision, cell.created_revision, cell.floor,
                                    cell.created_at, cell.updated_at, cell.expires_at}) {
      mix(part);
    }
  }
  return hash;
}

std::string describe(const Cell& cell) {
  if (!cell.present) return "nothing, after r" + std::to_string(cell.floor);
  return describe(Shown{cell.value, cell.revision, cell.created_revision, cell.created_at,
                        cell.updated_at, cell.expires_at});
}

Cell cell_of(const Shown& shown) {
  Cell cell;
  cell.present = true;
  cell.value = shown.value;
  cell.revision = cell.floor = shown.revision;
  cell.created_revision = shown.created_revision;
  cell.created_at = std::max(shown.created_at, Ms{0});
  cell.updated_at = std::max(shown.updated_at, Ms{0});
  cell.expires_at = std::max(shown.expires_at, Ms{0});
  return cell;
}

}  // namespace holdfast::fault_tests
