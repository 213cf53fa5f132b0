#include "write_call.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <string>

#include "errors.hpp"
#include "holdfast/counter.hpp"
#include "store.hpp"

namespace holdfast::postgresql {

namespace {

// The columns of what write_one and write_many return.
enum Column : std::size_t {
  instant_column,
  status_column,
  revision_column,
  number_column,
  reclaimed_column,
  old_value_column,
  old_record_column,
  place_column = old_record_column + record_columns,
};

std::int64_t number_of(WriteOp::Kind kind) { return static_cast<std::int64_t>(kind); }
std::int64_t number_of(Precondition::Kind kind) { return static_cast<std::int64_t>(kind); }

std::optional<std::int64_t> ttl_of(const WriteOp& op) {
  if (!op.ttl) return std::nullopt;
  return op.ttl->milliseconds().count();
}

MemoryValue old_value(const Rows& rows, std::size_t row) {
  return MemoryValue::from_canonical(SharedText::copy_of(rows.text(row, old_value_column)));
}

void refuse_increment(const Rows& rows, std::size_t row, const WriteOp& op) {
  const MemoryValue current = old_value(rows, row);
  static_cast<void>(incremented(op.address, &current, op.delta));
  fail(ErrorCode::internal, "the server refused an increment that is allowed");
}

// What p_ranks holds: the place of an operation's precondition, and in the lower half its own.
std::int64_t rank(std::size_t condition_place, std::size_t place) {
  return static_cast<std::int64_t>(condition_place << 32U | place);
}

bool may_end_batch(const WriteOp& op, const WriteResult& result) {
  return result.status == WriteStatus::unmet && op.on_unmet == OnUnmet::abort_batch;
}

void take_result(const Rows& rows, std::size_t row, const WriteOp& op, WriteResult& result,
                 std::uint64_t max_value_bytes) {
  const std::int64_t status = rows.integer(row, status_column);
  if (status == static_cast<std::int64_t>(WriteRefusal::increment)) {
    refuse_increment(rows, row, op);
  }
  if (status == static_cast<std::int64_t>(WriteRefusal::value_too_large)) {
    refuse_value(rows.integer(row, number_column), max_value_bytes);
  }
  result = {};
  result.status = static_cast<WriteStatus>(status);
  result.revision = rows.integer(row, revision_column);
  result.number = rows.integer(row, number_column);
  if (op.return_previous && !rows.is_null(row, old_value_column)) {
    fill_record(result.previous.emplace(), rows, row, old_record_column);
    result.previous->value = old_value(rows, row);
  }
}

// Whether it may find that nothing lies there, and go on without putting something there.
bool may_rely_on_absence(const WriteOp& op) {
  return op.precondition.kind != Precondition::Kind::none || op.kind == WriteOp::Kind::check ||
         op.kind == WriteOp::Kind::erase || op.kind == WriteOp::Kind::touch;
}

// What such a check gives is known when it holds.
bool is_foldable_check(const WriteOp& op) {
  return op.kind == WriteOp::Kind::check && op.on_unmet == OnUnmet::abort_batch &&
         !op.return_previous &&
         (op.precondition.kind == Precondition::Kind::if_absent ||
          op.precondition.kind == Precondition::Kind::if_revision);
}

}  // namespace

std::size_t distinct_front(std::span<const WriteOp> ops) {
  std::set<AddressView> seen;  // No hash, which crafted keys could be made to collide under.
  for (std::size_t i = 0; i < ops.size(); ++i) {
    if (!seen.insert(ops[i].address).second) return i;
  }
  return ops.size();
}

void add_operation(Arguments& arguments, const WriteOp& op) {
  arguments.add(number_of(op.kind)).add(op.address.ns).add(op.address.key);
  arguments.add(number_of(op.precondition.kind)).add(op.precondition.revision);
  arguments.add(op.keep_ttl).add(ttl_of(op)).add(op.delta);
  if (op.kind == WriteOp::Kind::set) {
    arguments.add(op.value.json_text());
  } else {
    arguments.add_null();
  }
  arguments.add(op.return_previous);
}

void add_operations(Arguments& arguments, std::span<const WriteOp> ops,
                    std::span<const std::int64_t> ranks, bool must_hold) {
  ArrayText rank_numbers;
  for (std::size_t i = 0; i < ops.size(); ++i) {
    rank_numbers.add(ranks.empty() ? rank(i, i) : ranks[i]);
  }
  ArrayText kinds, namespaces, keys, conditions, revisions, skips, keep_ttls, ttls, deltas, values,
      previous;
  bool conditional = must_hold;
  for (const WriteOp& op : ops) {
    conditional = conditional || may_rely_on_absence(op);
    kinds.add(number_of(op.kind));
    namespaces.add(op.address.ns);
    keys.add(op.address.key);
    conditions.add(number_of(op.precondition.kind));
    revisions.add(op.precondition.revision);
    skips.add(op.on_unmet == OnUnmet::skip);
    keep_ttls.add(op.keep_ttl);
    ttls.add(ttl_of(op));
    deltas.add(op.delta);
    if (op.kind == WriteOp::Kind::set) {
      values.add(op.value.json_text());
    } else {
      values.add_null();
    }
    previous.add(op.return_previous);
  }
  arguments.add(conditional);
  for (ArrayText* array : {&kinds, &namespaces, &keys, &conditions, &revisions, &skips, &keep_ttls,
                           &ttls, &deltas, &values, &previous, &rank_numbers}) {
    arguments.add(array->take());
  }
}

FoldedBatch::FoldedBatch(std::span<const WriteOp> given) {
  // The last operation so far at each address, and whether a write may take its place.
  std::map<AddressView, std::size_t> open_checks;
  std::vector<std::optional<std::size_t>> check_of(given.size());
  std::vector<bool> folded(given.size());
  for (std::size_t i = 0; i < given.size(); ++i) {
    const WriteOp& op = given[i];
    if (is_foldable_check(op)) {
      open_checks[op.address] = i;
      continue;
    }
    const auto found = open_checks.find(op.address);
    if (found == open_checks.end()) continue;
    if (op.precondition.kind == Precondition::Kind::none) {
      check_of[i] = found->second;
      folded[found->second] = true;
    }
    open_checks.erase(found);
  }
  for (std::size_t i = 0; i < given.size(); ++i) {
    if (folded[i]) continue;
    WriteOp& op = ops.emplace_back(given[i]);
    if (check_of[i]) {
      op.precondition = given[*check_of[i]].precondition;
      op.on_unmet = OnUnmet::abort_batch;
    }
    ranks.push_back(rank(check_of[i].value_or(i), i));
    places_.push_back(i);
    check_places_.push_back(check_of[i]);
  }
}

std::optional<std::size_t> FoldedBatch::unfold(std::optional<std::size_t> failed,
                                               std::span<const WriteResult> folded,
                                               std::span<WriteResult> results) const {
  if (failed) {
    const std::size_t place = check_places_[*failed].value_or(places_[*failed]);
    results[place] = folded[*failed];
    return place;
  }
  for (std::size_t i = 0; i < ops.size(); ++i) {
    results[places_[i]] = folded[i];
    if (!check_places_[i]) continue;
    WriteResult& check = results[*check_places_[i]];
    check = {};
    check.status = WriteStatus::checked;
    check.revision = ops[i].precondition.revision;  // 0 where absence was asked for.
  }
  return std::nullopt;
}

void refuse_value(std::int64_t bytes, std::uint64_t max_value_bytes) {
  fail(ErrorCode::resource_exhausted, "a value of " + std::to_string(bytes) +
                                          " bytes; this store takes values up to " +
                                          std::to_string(max_value_bytes) + " bytes");
}

WriteOutcome take_results(const Rows& rows, std::span<const WriteOp> ops,
                          std::span<WriteResult> results, std::uint64_t max_value_bytes) {
  WriteOutcome outcome;
  outcome.instant = rows.integer(0, instant_column);
  outcome.reclaimed = static_cast<std::uint64_t>(rows.integer(0, reclaimed_column));
  for (std::size_t row = 0; row < rows.size(); ++row) {
    const auto place =
        ops.size() == 1 ? 0 : static_cast<std::size_t>(rows.integer(row, place_column));
    take_result(rows, row, ops[place], results[place], max_value_bytes);
    if (may_end_batch(ops[place], results[place])) outcome.failed = place;
  }
  return outcome;
}

WriteOutcome take_results(const std::vector<std::int64_t>& kept, std::span<WriteResult> results) {
  constexpr std::size_t head = 2;
  const std::size_t count = results.size();
  if (kept.size() != head + 3 * count) {
    fail(ErrorCode::corruption, "a session's results do not fit the write that left them");
  }
  for (std::size_t i = 0; i < count; ++i) {
    results[i] = {};
    results[i].status = static_cast<WriteStatus>(kept[head + i]);
    results[i].revision = kept[head + count + i];
    results[i].number = kept[head + 2 * count + i];
  }
  return {kept[0], static_cast<std::uint64_t>(kept[1]), std::nullopt};
}

}  // namespace holdfast::postgresql
