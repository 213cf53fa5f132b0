// Puts a `RestoreBatch` together.
#pragma once

#include <chrono>
#include <cstddef>
#include <deque>
#include <string>
#include <vector>

#include "holdfast/memory.hpp"

namespace holdfast::conformance {

using Statuses = std::vector<RestoreStatus>;

// As a record that another store held: its revisions are those to keep.
[[nodiscard]] inline Record old_record(const MemoryValue& value, Timestamp created_at,
                                       Revision created = 1, Revision revision = 1) {
  Record record;
  record.value = value;
  record.created_revision = created;
  record.revision = revision;
  record.created_at = created_at;
  record.updated_at = created_at + std::chrono::milliseconds(5);
  return record;
}

// Steps, with what they refer to. Each is given the next rank for both its revisions, where nothing
// else is said through `op`.
class RestoreSteps {
 public:
  explicit RestoreSteps(RestoreRevisions revisions = RestoreRevisions::assign) {
    batch_.revisions = revisions;
  }
  RestoreSteps(const RestoreSteps&) = delete;  // The steps refer to what it owns.
  RestoreSteps& operator=(const RestoreSteps&) = delete;

  RestoreSteps& put(const Namespace& ns, const std::string& key, const Record& record,
                    Precondition precondition = {}) {
    return add(RestoreOp::Kind::put, ns, key, &records_.emplace_back(record), precondition);
  }
  RestoreSteps& replace(const Namespace& ns, const std::string& key, const Record& record,
                        Precondition precondition = {}) {
    return add(RestoreOp::Kind::replace, ns, key, &records_.emplace_back(record), precondition);
  }
  RestoreSteps& erase(const Namespace& ns, const std::string& key, Precondition precondition = {},
                      Revision revision = 0) {
    add(RestoreOp::Kind::erase, ns, key, nullptr, precondition);
    ops_.back().revision = revision;
    return *this;
  }
  RestoreSteps& note(const std::string& name, const std::string& text) {
    note_ = {name, text};
    has_note_ = true;
    return *this;
  }
  RestoreSteps& go_on_above(Revision revision) {
    batch_.last_revision = revision;
    return *this;
  }
  // For the last step added.
  RestoreSteps& at_ranks(std::size_t created, std::size_t last) {
    ops_.back().created_rank = created;
    ops_.back().rank = last;
    return *this;
  }
  RestoreSteps& with_ranks(std::size_t ranks) {
    batch_.ranks = ranks;
    return *this;
  }
  // The last step added.
  [[nodiscard]] RestoreOp& op() { return ops_.back(); }

  Statuses restore_to(Memory& memory) const {
    RestoreBatch batch = batch_;
    batch.ops = ops_;
    if (has_note_) batch.note = &note_;
    return memory.restore(batch);
  }

 private:
  RestoreSteps& add(RestoreOp::Kind kind, const Namespace& ns, const std::string& key,
                    const Record* record, Precondition precondition) {
    const Address& address = addresses_.emplace_back(ns, key);
    const std::size_t rank = batch_.ranks++;
    ops_.push_back({.kind = kind,
                    .address = {address.ns.text(), address.key},
                    .record = record,
                    .precondition = precondition,
                    .created_rank = rank,
                    .rank = rank});
    return *this;
  }

  RestoreBatch batch_;
  std::vector<RestoreOp> ops_;
  std::deque<Address> addresses_;
  std::deque<Record> records_;
  Note note_;
  bool has_note_ = false;
};

}  // namespace holdfast::conformance
