// Writing whole entries back, and what other stores' tools keep beside them.
#include <algorithm>
#include <map>
#include <set>

#include "memory_state.hpp"
#include "utf8.hpp"
#include "validate.hpp"

namespace holdfast {
namespace {

constexpr Revision revision_limit = Revision{1} << 62;

void check_kept_revisions(const RestoreOp& op) {
  const Record& record = *op.record;
  if (record.created_revision >= 1 && record.revision >= record.created_revision &&
      record.revision < revision_limit) {
    return;
  }
  throw_invalid_argument(
      "the entry \"" + std::string(op.address.key) +
      "\" carries impossible revisions: " + std::to_string(record.created_revision) +
      " for its creation, " + std::to_string(record.revision) + " for its last write");
}

void check_step(const RestoreOp& op, RestoreRevisions revisions) {
  const Namespace ns(op.address.ns);
  check_namespace(ns);
  check_key(op.address.key);
  if (op.kind == RestoreOp::Kind::erase) {
    if (op.revision < 0 || op.revision >= revision_limit) {
      throw_invalid_argument("a removal at the revision " + std::to_string(op.revision) +
                             "; 0 to 2^62 are allowed");
    }
    return;
  }
  if (op.record == nullptr) throw_invalid_argument("a step without a record");
  check_value(op.record->value);
  if (revisions == RestoreRevisions::keep) check_kept_revisions(op);
}

// The numbers that one step names, and nobody else may.
struct Named {
  Revision first = 0;
  Revision second = 0;
};

Named named_by(const RestoreOp& op, RestoreRevisions revisions) {
  if (revisions == RestoreRevisions::keep) {
    if (op.kind == RestoreOp::Kind::erase) return {op.revision, op.revision};
    return {op.record->created_revision, op.record->revision};
  }
  const auto last = static_cast<Revision>(op.rank);
  if (op.kind == RestoreOp::Kind::erase) return {last, last};
  return {static_cast<Revision>(op.created_rank), last};
}

void check_numbers(const RestoreBatch& batch) {
  const bool keep = batch.revisions == RestoreRevisions::keep;
  std::vector<Revision> numbers;
  for (const RestoreOp& op : batch.ops) {
    const auto [first, second] = named_by(op, batch.revisions);
    if (first > second || (!keep && op.rank >= batch.ranks)) {
      throw_invalid_argument("a step of a restore has the ranks " + std::to_string(first) +
                             " and " + std::to_string(second) + " of " +
                             std::to_string(batch.ranks));
    }
    if (keep && second == 0) continue;  // A removal that is not logged.
    numbers.push_back(first);
    if (second != first) numbers.push_back(second);
  }
  std::sort(numbers.begin(), numbers.end());
  const auto twice = std::adjacent_find(numbers.begin(), numbers.end());
  if (twice == numbers.end()) return;
  throw_invalid_argument((keep ? "the revision " : "the rank ") + std::to_string(*twice) +
                         " is given to two entries");
}

void check_addresses_differ(const RestoreBatch& batch) {
  std::set<AddressView> seen;  // No hash, which crafted keys could be made to collide under.
  for (const RestoreOp& op : batch.ops) {
    if (seen.insert(op.address).second) continue;
    throw_invalid_argument("the key \"" + std::string(op.address.key) +
                           "\" stands twice in a restore that takes it once");
  }
}

void check_note(const Note& note) {
  if (note.name.empty() || note.name.size() > Note::max_name_bytes ||
      note.text.size() > Note::max_text_bytes) {
    throw_invalid_argument("a note has a name of 1 to " + std::to_string(Note::max_name_bytes) +
                           " bytes and a text of up to " + std::to_string(Note::max_text_bytes));
  }
  check_key(note.name);
  if (note.text.find('\0') != std::string::npos || !is_valid_utf8(note.text)) {
    throw_invalid_argument("the text of a note is not valid UTF-8 without U+0000");
  }
}

void check_size(const RestoreBatch& batch, const Capabilities& capabilities) {
  std::size_t bytes = 0;
  for (const RestoreOp& op : batch.ops) {
    bytes += op.address.ns.size() + op.address.key.size();
    if (op.record != nullptr) bytes += op.record->value.json_text().size();
  }
  if (bytes <= capabilities.max_batch_bytes) return;
  throw_invalid_argument("the batch has " + std::to_string(bytes) + " bytes; at most " +
                         std::to_string(capabilities.max_batch_bytes) + " are allowed");
}

// Of several entries for one address the last that lives counts: each replaces those before it.
class Steps {
 public:
  Steps(std::span<const Entry> entries, Backend& backend, const Context& context) {
    ops_.reserve(entries.size());
    std::map<AddressView, std::size_t> places;
    for (const Entry& entry : entries) {
      const AddressView address{entry.ns.text(), entry.key};
      const auto [place, is_new] = places.try_emplace(address, ops_.size());
      const std::size_t rank = rank_++;
      const RestoreOp op{.address = address, .record = &entry, .created_rank = rank, .rank = rank};
      if (is_new) {
        ops_.push_back(op);
        continue;
      }
      if (!context_.instant) {
        context_ = context;
        context_.instant = backend.now(context);
      }
      if (!entry.expires_at || *entry.expires_at > *context_.instant) ops_[place->second] = op;
    }
    if (!context_.instant) context_ = context;
  }

  [[nodiscard]] RestoreBatch batch(RestoreRevisions revisions) const {
    return {.ops = ops_, .revisions = revisions, .ranks = rank_};
  }
  // With the instant that decided which entries live, where it mattered.
  [[nodiscard]] const Context& context() const noexcept { return context_; }

 private:
  std::vector<RestoreOp> ops_;
  std::size_t rank_ = 0;
  Context context_;
};

}  // namespace

std::vector<RestoreStatus> Memory::State::restore(CallGate::Pass& pass, const RestoreBatch& batch,
                                                  const Context& context) {
  std::vector<RestoreStatus> statuses(batch.ops.size(), RestoreStatus::applied);
  backend->restore(batch, statuses, context);
  const auto applied = std::count(statuses.begin(), statuses.end(), RestoreStatus::applied);
  pass.count_writes(static_cast<std::uint64_t>(applied));
  return statuses;
}

void Memory::State::check_can_restore() const {
  if (capabilities.restore) return;
  throw Error(ErrorCode::unsupported, "this backend cannot restore entries");
}

void Memory::restore(std::span<const Entry> entries, RestoreRevisions revisions,
                     const Context& context) {
  state_->call("restore", context, [&](CallGate::Pass& pass) {
    state_->check_can_restore();
    state_->check_number_of_addresses(entries.size());
    for (const Entry& entry : entries) {
      check_step({.address = {entry.ns.text(), entry.key}, .record = &entry}, revisions);
    }
    if (entries.empty()) return;
    const Steps steps(entries, *state_->backend, context);
    const RestoreBatch batch = steps.batch(revisions);
    check_numbers(batch);
    check_size(batch, state_->capabilities);
    state_->restore(pass, batch, steps.context());
  });
}

std::vector<RestoreStatus> Memory::restore(const RestoreBatch& batch, const Context& context) {
  return state_->call("restore", context, [&](CallGate::Pass& pass) {
    state_->check_can_restore();
    state_->check_number_of_addresses(batch.ops.size());
    if (batch.last_revision < 0 || batch.last_revision >= revision_limit) {
      throw_invalid_argument("a store cannot go on above the revision " +
                             std::to_string(batch.last_revision));
    }
    for (const RestoreOp& op : batch.ops) check_step(op, batch.revisions);
    if (batch.ranks > 2 * state_->capabilities.max_batch_ops) {
      throw_invalid_argument("a batch takes up to two revisions for each of the " +
                             std::to_string(state_->capabilities.max_batch_ops) +
                             " entries it may have, not " + std::to_string(batch.ranks));
    }
    check_addresses_differ(batch);
    check_numbers(batch);
    check_size(batch, state_->capabilities);
    if (batch.note != nullptr) check_note(*batch.note);
    return state_->restore(pass, batch, context);
  });
}

std::optional<std::string> Memory::note(std::string_view name, const Context& context) {
  return state_->call("note", context, [&](CallGate::Pass&) {
    state_->check_can_restore();
    check_note({std::string(name), ""});
    return state_->backend->note(name, context);
  });
}

SubjectErasure Memory::erase_subject(const Namespace& ns, const Context& context) {
  return state_->call("erase_subject", context, [&](CallGate::Pass& pass) {
    check_namespace(ns);
    if (ns.is_root()) {
      throw_invalid_argument(
          "the root holds everybody: name the namespace of the one to be erased");
    }
    SubjectErasure erasure = state_->backend->erase_subject({ns, true}, context);
    pass.count_writes(erasure.entries);
    return erasure;
  });
}

}  // namespace holdfast
