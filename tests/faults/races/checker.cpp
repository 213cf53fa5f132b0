#include "checker.hpp"

#include <algorithm>
#include <numeric>
#include <set>
#include <vector>

#include "search.hpp"

namespace holdfast::fault_tests {
namespace {

// Which keys some operation joins: those of one group have the same number.
std::array<std::size_t, max_keys> joined_keys(std::span<const Operation> operations) {
  std::array<std::size_t, max_keys> group{};
  std::iota(group.begin(), group.end(), std::size_t{0});
  for (const Operation& operation : operations) {
    for (const Step& step : operation.all_steps()) {
      const std::size_t from = group[step.key];
      std::ranges::replace(group, from, group[operation.steps[0].key]);
    }
  }
  return group;
}

struct Given {
  Revision revision = 0;
  const Operation* by = nullptr;
};

Finding doubt(const std::string& what, const Operation& first, const Operation& second) {
  return {Verdict::impossible, what + ":\n  " + describe(first) + "\n  " + describe(second) + "\n"};
}

// The revisions of each operation rise; says what all were given.
Finding collect(std::span<const Operation> operations, std::vector<Given>& all) {
  std::set<Revision> known;
  for (const Operation& operation : operations) {
    Revision last = 0;
    for (const Step& step : operation.all_steps()) {
      if (step.given_revision() == 0) continue;
      if (step.revision <= last) return doubt("revisions fall in a batch", operation, operation);
      last = step.revision;
      if (!known.insert(last).second) {
        const auto other = std::ranges::find(all, last, &Given::revision);
        return doubt("a revision was given twice", *other->by, operation);
      }
      all.push_back({last, &operation});
    }
  }
  return {};
}

// An order in which creations rise is looked for first: it is found sooner, where there is one.
Finding search_order(const State& initial, const std::vector<const Operation*>& operations,
                     const Rules& rules) {
  Rules stricter = rules;
  stricter.creations_rise = true;
  Finding finding = OrderSearch(initial, operations, stricter).run();
  if (rules.creations_rise || finding.verdict == Verdict::explained) return finding;
  return OrderSearch(initial, operations, rules).run();
}

}  // namespace

Finding check_order(const State& initial, std::span<const Operation> operations,
                    const Rules& rules) {
  const auto group = joined_keys(operations);
  for (std::size_t key = 0; key < max_keys; ++key) {
    std::vector<const Operation*> chosen;
    for (const Operation& operation : operations) {
      const bool has_steps = operation.step_count != 0;
      if (has_steps && group[operation.steps[0].key] == key) chosen.push_back(&operation);
    }
    if (chosen.empty()) continue;
    const Finding finding = search_order(initial, chosen, rules);
    if (finding.verdict != Verdict::explained) return finding;
  }
  return {};
}

Finding check_revisions(std::span<const Operation> operations) {
  std::vector<Given> by_call;
  if (Finding finding = collect(operations, by_call); finding.verdict != Verdict::explained) {
    return finding;
  }
  std::vector<Given> by_return = by_call;
  std::ranges::sort(by_call, {}, [](const Given& given) { return given.by->called; });
  std::ranges::sort(by_return, {}, [](const Given& given) { return given.by->returned; });
  Given greatest;
  auto returned = by_return.begin();
  for (const Given& given : by_call) {
    for (; returned != by_return.end() && returned->by->returned < given.by->called; ++returned) {
      if (returned->revision > greatest.revision) greatest = *returned;
    }
    if (given.revision <= greatest.revision) {
      return doubt("a write that had returned has a greater revision", *greatest.by, *given.by);
    }
  }
  return {};
}

}  // namespace holdfast::fault_tests
