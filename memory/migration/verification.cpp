#include "verification.hpp"

#include <algorithm>
#include <utility>

#include "holdfast/diff.hpp"
#include "holdfast/row_copier.hpp"
#include "reconcile_noting.hpp"

namespace holdfast::migration {
namespace {

constexpr std::size_t lookups_at_once = 1000;
constexpr std::size_t addresses_at_once = 10'000;

// The source's entries under the names that they have at the destination, without those that an
// entry of the destination's own stands in the way of.
class SourceDigest {
 public:
  explicit SourceDigest(Job& job, const Context& context)
      : job_(job), context_(context), builder_(job.map.destination_scope().ns) {}

  Digest run() {
    MemoryQuery query{.scope = job_.map.scope(), .filter = job_.map.filter()};
    query.order = OrderBy::created;
    RowCopier copier;
    job_.source.scan(
        query,
        [&](const ScanRow& row) {
          if (!job_.may_conflict()) {
            // One entry at a time, and its value is not copied.
            add(row);
            return true;
          }
          waiting_.push_back(copier.copy(row));
          if (waiting_.size() >= lookups_at_once) add_waiting();
          return true;
        },
        context_);
    add_waiting();
    return builder_.finish();
  }

 private:
  void add(const ScanRow& row) {
    if (ns_of_source_ != row.address.ns) {
      ns_of_source_ = row.address.ns;
      ns_ = job_.map.to_destination(Namespace::from_canonical(SharedText::copy_of(row.address.ns)));
    }
    builder_.add({ns_.text(), row.address.key}, row.record);
  }

  void add_waiting() {
    if (waiting_.empty()) return;
    std::vector<Address> copies;
    for (const Entry& entry : waiting_) {
      copies.emplace_back(job_.map.to_destination(entry.ns), entry.key);
    }
    const auto there = job_.destination.get_many(copies, Detail::without_value, context_);
    for (std::size_t i = 0; i < waiting_.size(); ++i) {
      if (there[i] && there[i]->created_revision <= job_.record.base) continue;
      builder_.add({copies[i].ns.text(), copies[i].key}, waiting_[i]);
    }
    waiting_.clear();
  }

  Job& job_;
  const Context& context_;
  DigestBuilder builder_;
  std::vector<Entry> waiting_;
  std::string ns_of_source_ = "/";  // No namespace's text.
  Namespace ns_;
};

}  // namespace

Digests compare_digests(Job& job) {
  // One instant, so that an entry that expires in between is not on one side only.
  Context context = job.context;
  context.instant = std::max(job.source.now(job.context), job.destination.now(job.context));
  SourceDigest source(job, context);
  DigestOptions copies{.scope = job.map.destination_scope()};
  if (!job.keeps_revisions()) copies.created_after = job.record.base;
  return {source.run(), digest(job.destination, copies, context)};
}

namespace {

// Sorts out the differences that a comparison finds.
class Mending {
 public:
  explicit Mending(Job& job) : job_(job) {}

  Mended run() {
    do {
      full_ = false;
      addresses_.clear();
      static_cast<void>(diff(
          job_.source, job_.destination,
          {job_.map.scope(), job_.map.destination_scope().ns, job_.map.filter()},
          [&](const Difference& difference) { return take(difference); }, job_.context));
      const ReconcileResult result = make_equal();
      mended_.addresses += result.written + result.erased;
      if (result.written + result.erased == 0) break;
    } while (full_);
    return mended_;
  }

 private:
  ReconcileResult make_equal() {
    ReconcileOptions options = job_.reconcile_options();
    options.compare_values = true;
    const auto with = [&](const ReconcileResult& result) {
      MigrationRecord record = job_.record;
      record.copied += result.written;
      record.erased += result.erased;
      return record;
    };
    const ReconcileResult result = reconcile_noting(
        job_.source, job_.destination, addresses_, options,
        [&](const ReconcileResult& so_far) { return job_.note_of(with(so_far)); }, job_.context);
    job_.record = with(result);
    return result;
  }

  bool take(const Difference& difference) {
    const std::optional<Entry>& left = difference.left;
    const std::optional<Entry>& right = difference.right;
    if (right && is_others(*right)) return true;
    const bool concerns_order = difference.kind == DifferenceKind::order || !right;
    if (concerns_order && !job_.keeps_revisions()) {
      // Without `left` the source has ended there: what follows at the destination was erased
      // since.
      if (left) copy_again_from(*left);
    } else if (left) {
      addresses_.emplace_back(left->ns, left->key);
    } else {
      addresses_.emplace_back(job_.map.to_source(right->ns), right->key);
    }
    full_ = addresses_.size() >= addresses_at_once;
    return !full_;
  }

  [[nodiscard]] bool is_others(const Entry& right) const {
    return !job_.keeps_revisions() && right.created_revision <= job_.record.base;
  }

  // What comes later in the order of insertion has to come later at the destination too.
  void copy_again_from(const Entry& entry) {
    const Revision after = entry.created_revision - 1;
    mended_.copy_again_after = std::min(after, mended_.copy_again_after.value_or(after));
  }

  Job& job_;
  Mended mended_;
  std::vector<Address> addresses_;
  bool full_ = false;
};

}  // namespace

Mended mend(Job& job) { return Mending(job).run(); }

}  // namespace holdfast::migration
