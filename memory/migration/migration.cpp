#include "holdfast/migration.hpp"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "copier.hpp"
#include "search_configurations.hpp"
#include "vectors.hpp"
#include "verification.hpp"

namespace holdfast {

std::string_view to_string(ConflictPolicy policy) noexcept {
  switch (policy) {
    case ConflictPolicy::fail:
      return "fail";
    case ConflictPolicy::skip:
      return "skip";
    case ConflictPolicy::overwrite:
      return "overwrite";
    case ConflictPolicy::newer:
      return "newer";
  }
  return "";
}

std::string_view to_string(MigrationPhase phase) noexcept {
  switch (phase) {
    case MigrationPhase::checking:
      return "checking";
    case MigrationPhase::copying:
      return "copying";
    case MigrationPhase::following:
      return "following";
    case MigrationPhase::verifying:
      return "verifying";
    case MigrationPhase::repairing:
      return "repairing";
  }
  return "";
}

namespace migration {
namespace {

// Where the source is written to as fast as it is read, following would have no end.
constexpr int rounds_max = 16;
constexpr int comparisons_max = 4;

void check_options(const Memory& source, const Memory& destination, const MigrationOptions& options,
                   const AddressMap& map) {
  if (!destination.capabilities().restore) {
    throw Error(ErrorCode::unsupported,
                "the destination cannot restore entries, and so nothing can be moved there");
  }
  if (&source != &destination) return;
  const Scope from = options.scope;
  const Scope to = map.destination_scope();
  if ((from.subtree && from.contains(to.ns.text())) ||
      (to.subtree && to.contains(from.ns.text())) || from.ns == to.ns) {
    throw_invalid_argument(
        "within one store a namespace moves to one that neither holds it nor "
        "lies in it");
  }
}

class Migration {
 public:
  Migration(Memory& source, Memory& destination, const MigrationOptions& options,
            const Context& context)
      : job_{source,
             destination,
             options,
             AddressMap(options.scope, options.destination.value_or(options.scope.ns),
                        options.filter),
             note_name(options),
             context} {
    check_options(source, destination, options, job_.map);
  }

  void begin_or_resume() {
    const std::optional<std::string> earlier = job_.destination.note(job_.note_name, job_.context);
    result_.resumed = earlier && !job_.options.restart;
    if (result_.resumed) {
      resume(*earlier);
    } else {
      begin();
    }
    result_.revisions = job_.record.revisions;
    if (job_.options.mirrored && !job_.keeps_revisions()) {
      throw Error(ErrorCode::failed_precondition,
                  "a mirror needs a destination that nothing else has ever written to, so that "
                  "entries can keep their revisions");
    }
  }

  MigrationResult run() {
    begin_or_resume();
    if (job_.options.dry_run) return look();
    try {
      copy();
      follow();
      if (job_.options.verify) verify();
      result_.vectors = copy_vectors(job_.source, job_.destination, job_.map, job_.context);
      finish();
    } catch (const Error& error) {
      explain_refusal(error);
      throw;
    }
    fill_result();
    return std::move(result_);
  }

 private:
  // What a store that was written to by others says, where this began before it was.
  void explain_refusal(const Error& error) const {
    if (error.code() != ErrorCode::failed_precondition || error.operation() != "restore" ||
        !job_.keeps_revisions()) {
      return;
    }
    throw Error(
        error.code(),
        "others have written to the destination since this migration began, so it takes no "
        "more copies with the revisions of the source. Where the agent has moved there, the "
        "migration is over; to copy more, restart it with a policy for conflicts",
        {error.backend(), "migrate"}, error.message());
  }

  void resume(const std::string& earlier) {
    job_.record = parse_record(earlier);
    if (job_.record.policy == job_.options.on_conflict) return;
    throw Error(ErrorCode::failed_precondition,
                "this migration was begun with the policy \"" +
                    std::string(to_string(job_.record.policy)) +
                    "\" for conflicts; go on with that one, or restart it");
  }

  void begin() {
    job_.record = {};
    job_.record.policy = job_.options.on_conflict;
    job_.record.base = job_.destination.stats(job_.context).last_revision;
    const bool is_new = job_.record.base == 0;
    job_.record.revisions = is_new ? RestoreRevisions::keep : RestoreRevisions::assign;
    job_.record.others_there =
        !is_new && job_.destination.count(job_.map.destination_scope(), job_.context) > 0;
    job_.record.first_until = job_.source.stable_revision(job_.context);
    if (job_.options.dry_run) return;
    if (job_.may_conflict() && job_.record.policy == ConflictPolicy::fail) refuse_conflicts();
    result_.configurations =
        copy_search_configurations(job_.source, job_.destination, job_.map, job_.context);
    job_.save();
  }

  // Before anything is written. One that appears later is refused when it is come upon.
  void refuse_conflicts() {
    std::uint64_t looked_at = 0;
    each_batch([&](std::vector<Step>& steps) {
      for (const auto& there : at_destination(steps)) {
        if (there) refuse_conflict(*there);
      }
      looked_at += steps.size();
      job_.report(MigrationPhase::checking, looked_at, total());
    });
  }

  std::vector<std::optional<Entry>> at_destination(const std::vector<Step>& steps) {
    std::vector<Address> copies;
    for (const Step& step : steps) copies.push_back(step.copy);
    return job_.destination.get_many(copies, Detail::without_value, job_.context);
  }

  // Goes through what is still to be copied, without copying it.
  template <typename Take>
  void each_batch(Take&& take) {
    const Revision until =
        std::max(job_.record.first_until, job_.source.stable_revision(job_.context));
    const History history{job_.record.position, until, job_.record.position == 0};
    const auto events =
        open_history(job_.source, job_.map, RestoreRevisions::keep, history, job_.context);
    EventBatch batch(job_.map, RestoreRevisions::keep);
    Event event;
    const auto flush = [&] {
      std::vector<Step> steps = batch.take();
      if (!steps.empty()) take(steps);
    };
    while (events->next(event)) {
      batch.add(std::move(event));
      if (batch.size() >= batch_looked_at || batch.bytes() >= bytes_looked_at) flush();
    }
    flush();
  }

  MigrationResult look() {
    each_batch([&](std::vector<Step>& steps) {
      const auto there = job_.may_conflict() ? at_destination(steps)
                                             : std::vector<std::optional<Entry>>(steps.size());
      for (std::size_t i = 0; i < steps.size(); ++i) {
        if (steps[i].kind == RestoreOp::Kind::erase) {
          ++job_.record.erased;
          continue;
        }
        const bool conflicts = there[i] && there[i]->created_revision <= job_.record.base;
        if (conflicts && !overwrites(job_, steps[i], *there[i])) continue;
        ++job_.record.copied;
        job_.record.bytes += steps[i].entry.size_bytes();
      }
      job_.report(MigrationPhase::checking, job_.record.copied, total());
    });
    fill_result();
    return std::move(result_);
  }

  // Of the first time through, as far as it is known without reading everything.
  std::uint64_t total() {
    if (!total_) {
      total_ = job_.map.filter().matches_everything()
                   ? job_.source.count(job_.map.scope(), job_.context)
                   : 0;
    }
    return *total_;
  }

  void copy() {
    if (!job_.record.is_first_time()) return;
    Copier(job_).copy_until(job_.record.first_until, MigrationPhase::copying, total());
  }

  // Rounds, each up to where the source was when it began, until one has nothing to bring.
  void follow() {
    caught_up_ = false;
    for (int round = 0; round < rounds_max && !caught_up_; ++round) {
      const Revision until = job_.source.stable_revision(job_.context);
      if (until <= job_.record.position) {
        caught_up_ = true;
        return;
      }
      caught_up_ = Copier(job_).copy_until(until, MigrationPhase::following, 0) == 0;
    }
  }

  void verify() {
    if (job_.options.mirrored) {
      // The two sides never stand still together; what was left behind is found all the same.
      job_.report(MigrationPhase::repairing, 0, 0);
      static_cast<void>(mend(job_));
      return;
    }
    bool copied_all_again = false;
    for (int comparison = 1;; ++comparison) {
      job_.report(MigrationPhase::verifying, 0, 0);
      Digests digests = compare_digests(job_);
      result_.verified = digests.equal();
      result_.source_digest = std::move(digests.source);
      result_.destination_digest = std::move(digests.destination);
      if (result_.verified || comparison == comparisons_max) return;
      job_.report(MigrationPhase::repairing, 0, 0);
      Mended mended = mend(job_);
      const bool found_nothing = mended.addresses == 0 && !mended.copy_again_after;
      if (found_nothing && !job_.keeps_revisions() && !copied_all_again) {
        // The order of insertion, which is not looked at where entries of others lie between.
        mended.copy_again_after = 0;
        copied_all_again = true;
      }
      if (mended.copy_again_after) {
        job_.record.position = std::min(job_.record.position, *mended.copy_again_after);
        job_.save();
      }
      follow();
    }
  }

  void finish() {
    job_.record.finished = caught_up_;
    job_.save();
  }

  void fill_result() {
    const MigrationRecord& record = job_.record;
    result_.copied = record.copied;
    result_.erased = record.erased;
    result_.bytes = record.bytes;
    result_.skipped = record.skipped;
    result_.overwritten = record.overwritten;
    result_.position = record.position;
  }

  static constexpr std::size_t batch_looked_at = 1000;
  static constexpr std::size_t bytes_looked_at = std::size_t{8} << 20;

  Job job_;
  MigrationResult result_;
  std::optional<std::uint64_t> total_;
  bool caught_up_ = false;
};

}  // namespace
}  // namespace migration

MigrationResult migrate(Memory& source, Memory& destination, const MigrationOptions& options,
                        const Context& context) {
  return migration::Migration(source, destination, options, context).run();
}

void begin_migration(Memory& source, Memory& destination, const MigrationOptions& options,
                     const Context& context) {
  migration::Migration(source, destination, options, context).begin_or_resume();
}

}  // namespace holdfast
