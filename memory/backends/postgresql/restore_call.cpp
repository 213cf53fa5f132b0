#include "restore_call.hpp"

#include <algorithm>
#include <string>

#include "errors.hpp"
#include "store.hpp"

namespace holdfast::postgresql {

namespace {

// The last of the revisions that the steps name.
Revision last_named(const RestoreBatch& batch) {
  Revision last = batch.last_revision;
  for (const RestoreOp& op : batch.ops) {
    last = std::max(last, op.record != nullptr ? op.record->revision : op.revision);
  }
  return last;
}

struct Columns {
  ArrayText kinds, namespaces, keys, conditions, condition_revisions, sizes, values, created_ats,
      updated_ats, expires_ats, createds, revisions;

  void add(const RestoreOp& op, bool keep) {
    kinds.add(static_cast<std::int64_t>(op.kind));
    namespaces.add(op.address.ns);
    keys.add(op.address.key);
    conditions.add(static_cast<std::int64_t>(op.precondition.kind));
    condition_revisions.add(op.precondition.revision);
    if (op.kind == RestoreOp::Kind::erase) {
      add_nothing();
    } else {
      add_record(*op.record, op.address);
    }
    if (!keep) {
      createds.add(static_cast<std::int64_t>(op.created_rank));
      revisions.add(static_cast<std::int64_t>(op.rank));
    } else if (op.kind == RestoreOp::Kind::erase) {
      createds.add_null();
      revisions.add(op.revision);
    } else {
      createds.add(op.record->created_revision);
      revisions.add(op.record->revision);
    }
  }

 private:
  void add_record(const Record& record, const AddressView& address) {
    const std::string_view value = record.value.json_text();
    sizes.add(static_cast<std::int64_t>(address.ns.size() + address.key.size() + value.size()));
    values.add(value);
    created_ats.add(to_ms(record.created_at));
    updated_ats.add(to_ms(record.updated_at));
    if (record.expires_at) {
      expires_ats.add(to_ms(*record.expires_at));
    } else {
      expires_ats.add_null();
    }
  }
  void add_nothing() {
    sizes.add(std::int64_t{0});
    for (ArrayText* array : {&values, &created_ats, &updated_ats, &expires_ats}) array->add_null();
  }
};

}  // namespace

void add_restore(Arguments& arguments, const RestoreBatch& batch) {
  const bool keep = batch.revisions == RestoreRevisions::keep;
  Columns columns;
  bool conditional = false;
  for (const RestoreOp& op : batch.ops) {
    columns.add(op, keep);
    conditional = conditional || op.precondition.kind != Precondition::Kind::none;
  }
  arguments.add(keep).add(last_named(batch)).add(static_cast<std::int64_t>(batch.ranks));
  if (batch.note != nullptr) {
    arguments.add(batch.note->name).add(batch.note->text);
  } else {
    arguments.add_null().add_null();
  }
  arguments.add(conditional);
  for (ArrayText* array :
       {&columns.kinds, &columns.namespaces, &columns.keys, &columns.conditions,
        &columns.condition_revisions, &columns.sizes, &columns.values, &columns.created_ats,
        &columns.updated_ats, &columns.expires_ats, &columns.createds, &columns.revisions}) {
    arguments.add(array->take());
  }
}

WriteOutcome take_statuses(const std::vector<std::int64_t>& results,
                           std::span<RestoreStatus> statuses) {
  constexpr std::size_t head = 2;
  constexpr std::int64_t status_count = 4;  // Room for a status beside a place.
  std::fill(statuses.begin(), statuses.end(), RestoreStatus::applied);
  for (std::size_t i = head; i < results.size(); ++i) {
    const auto place = static_cast<std::size_t>(results[i] / status_count);
    if (place >= statuses.size()) {
      fail(ErrorCode::corruption, "a session's results do not fit the restore that left them");
    }
    statuses[place] = static_cast<RestoreStatus>(results[i] % status_count);
  }
  return {results.at(0), static_cast<std::uint64_t>(results.at(1)), std::nullopt};
}

}  // namespace holdfast::postgresql
