#include <algorithm>
#include <optional>
#include <set>
#include <vector>

#include "reconcile_noting.hpp"

namespace holdfast {
namespace {

using migration::NoteOf;

// Few, since values may be large and all of a step's are held at once.
constexpr std::size_t addresses_at_once = 64;

using Found = std::vector<std::optional<Entry>>;

Revision revision_of(const std::optional<Entry>& entry) { return entry ? entry->revision : 0; }

class Reconciliation {
 public:
  Reconciliation(Memory& source, Memory& destination, const ReconcileOptions& options,
                 const NoteOf& note_of, const Context& context)
      : source_(source),
        destination_(destination),
        options_(options),
        note_of_(note_of),
        context_(context) {}

  // Adds what it does to the result.
  void run(std::vector<Address> pending) {
    for (int attempt = 0; attempt < Memory::max_attempts; ++attempt) {
      pending = round(pending);
      if (pending.empty()) return;
    }
    throw Error(ErrorCode::aborted,
                "entries changed at the source or the destination each time they were copied, " +
                    std::to_string(Memory::max_attempts) + " times");
  }

  [[nodiscard]] const ReconcileResult& result() const noexcept { return result_; }

 private:
  // What one round decides for an address.
  struct Step {
    std::size_t place = 0;  // Among the round's addresses.
    RestoreOp op{};
  };

  [[nodiscard]] bool keeps() const noexcept { return options_.revisions == RestoreRevisions::keep; }

  [[nodiscard]] bool compares_values() const noexcept {
    return !keeps() || options_.compare_values;
  }

  // Brings what it can; gives the addresses that have to be looked at again.
  std::vector<Address> round(const std::vector<Address>& addresses) {
    std::vector<Address> copies;
    copies.reserve(addresses.size());
    for (const Address& address : addresses) {
      copies.emplace_back(options_.map.to_destination(address.ns), address.key);
    }
    // In this order: see the header.
    const Found there = destination_.get_many(
        copies, compares_values() ? Detail::record : Detail::without_value, context_);
    const Found wanted = source_.get_many(addresses, context_);
    const std::vector<Step> steps = decide(addresses, copies, there, wanted);
    if (steps.empty()) return {};
    const std::vector<RestoreStatus> statuses = restore(steps);
    return again(addresses, wanted, there, steps, statuses);
  }

  std::vector<Step> decide(const std::vector<Address>& addresses,
                           const std::vector<Address>& copies, const Found& there,
                           const Found& wanted) {
    std::vector<Step> steps;
    for (std::size_t i = 0; i < addresses.size(); ++i) {
      const std::optional<Entry>& copy = there[i];
      if (!keeps() && copy && copy->created_revision <= options_.base) {
        ++result_.left;
        continue;
      }
      const bool is_wanted = counts(wanted[i]) && !too_late_.contains(addresses[i]);
      if (is_wanted ? is_same(*wanted[i], copy) : !copy) continue;
      Step step{i, {}};
      step.op.kind = is_wanted ? RestoreOp::Kind::replace : RestoreOp::Kind::erase;
      step.op.address = {copies[i].ns.text(), copies[i].key};
      step.op.record = is_wanted ? &*wanted[i] : nullptr;
      step.op.precondition =
          copy ? Precondition::if_revision(copy->revision) : Precondition::if_absent();
      step.op.created_rank = step.op.rank = steps.size();
      steps.push_back(step);
    }
    return steps;
  }

  [[nodiscard]] bool counts(const std::optional<Entry>& entry) const {
    return entry && options_.map.covers(entry->ns.text()) &&
           options_.map.filter().matches(entry->value);
  }

  [[nodiscard]] bool is_same(const Entry& wanted, const std::optional<Entry>& copy) const {
    if (!copy) return false;
    if (keeps() &&
        (copy->revision != wanted.revision || copy->created_revision != wanted.created_revision)) {
      return false;
    }
    return !compares_values() ||
           (copy->value == wanted.value && copy->created_at == wanted.created_at &&
            copy->updated_at == wanted.updated_at && copy->expires_at == wanted.expires_at);
  }

  std::vector<RestoreStatus> restore(const std::vector<Step>& steps) {
    std::vector<RestoreOp> ops;
    ops.reserve(steps.size());
    ReconcileResult expected = result_;
    for (const Step& step : steps) {
      ops.push_back(step.op);
      ++(step.op.kind == RestoreOp::Kind::erase ? expected.erased : expected.written);
    }
    RestoreBatch batch{.ops = ops, .revisions = options_.revisions, .ranks = ops.size()};
    std::optional<Note> note;
    if (note_of_) batch.note = &note.emplace(note_of_(expected));
    return destination_.restore(batch, context_);
  }

  std::vector<Address> again(const std::vector<Address>& addresses, const Found& wanted,
                             const Found& there, const std::vector<Step>& steps,
                             const std::vector<RestoreStatus>& statuses) {
    std::vector<Address> pending;
    std::vector<Address> written;
    std::vector<Revision> written_revisions;
    for (std::size_t i = 0; i < steps.size(); ++i) {
      const Address& address = addresses[steps[i].place];
      if (statuses[i] == RestoreStatus::unmet) {
        pending.push_back(address);
      } else if (statuses[i] == RestoreStatus::expired) {
        // The destination's clock is ahead. What it still holds there is older, and goes.
        if (!there[steps[i].place]) continue;
        too_late_.insert(address);
        pending.push_back(address);
      } else {
        ++(steps[i].op.kind == RestoreOp::Kind::erase ? result_.erased : result_.written);
        written.push_back(address);
        written_revisions.push_back(revision_of(wanted[steps[i].place]));
      }
    }
    if (written.empty()) return pending;
    const Found now = source_.get_many(written, Detail::without_value, context_);
    for (std::size_t i = 0; i < written.size(); ++i) {
      const bool is_over = too_late_.contains(written[i]) || (!now[i] && written_revisions[i] == 0);
      if (!is_over && revision_of(now[i]) != written_revisions[i]) pending.push_back(written[i]);
    }
    return pending;
  }

  Memory& source_;
  Memory& destination_;
  const ReconcileOptions& options_;
  const NoteOf& note_of_;
  const Context& context_;
  ReconcileResult result_;
  std::set<Address> too_late_;  // Expired by the destination's clock.
};

}  // namespace

ReconcileResult reconcile(Memory& source, Memory& destination, std::span<const Address> addresses,
                          const ReconcileOptions& options, const Context& context) {
  return migration::reconcile_noting(source, destination, addresses, options, {}, context);
}

ReconcileResult migration::reconcile_noting(Memory& source, Memory& destination,
                                            std::span<const Address> addresses,
                                            const ReconcileOptions& options, const NoteOf& note_of,
                                            const Context& context) {
  std::vector<Address> all(addresses.begin(), addresses.end());
  std::sort(all.begin(), all.end());
  all.erase(std::unique(all.begin(), all.end()), all.end());
  Reconciliation reconciliation(source, destination, options, note_of, context);
  for (std::size_t i = 0; i < all.size(); i += addresses_at_once) {
    const auto from = all.begin() + static_cast<std::ptrdiff_t>(i);
    const auto count = static_cast<std::ptrdiff_t>(std::min(addresses_at_once, all.size() - i));
    reconciliation.run({from, from + count});
  }
  return reconciliation.result();
}

}  // namespace holdfast
