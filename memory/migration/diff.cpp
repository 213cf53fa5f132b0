#include "holdfast/diff.hpp"

#include <algorithm>
#include <compare>
#include <memory>
#include <utility>

#include "page_stream.hpp"
#include "relative_namespace.hpp"
#include "scan_stream.hpp"

namespace holdfast {
namespace {

// The entries of one side, with addresses as seen from the namespace that is compared.
class Side {
 public:
  Side(std::unique_ptr<EntrySource> source, Namespace base)
      : source_(std::move(source)), base_(std::move(base)) {
    advance();
  }

  void advance() { has_entry_ = source_->next(entry_); }
  [[nodiscard]] bool at_end() const noexcept { return !has_entry_; }
  [[nodiscard]] const Entry& entry() const noexcept { return entry_; }
  [[nodiscard]] AddressView address() const noexcept {
    return {relative_namespace(base_, entry_.ns.text()), entry_.key};
  }

 private:
  std::unique_ptr<EntrySource> source_;
  Namespace base_;
  Entry entry_;
  bool has_entry_ = false;
};

std::optional<DifferenceKind> kind_of_difference(const Record& left, const Record& right) {
  if (left.value != right.value) return DifferenceKind::value;
  if (left.expires_at != right.expires_at) return DifferenceKind::deadline;
  const bool same_times =
      left.created_at == right.created_at && left.updated_at == right.updated_at;
  return same_times ? std::nullopt : std::optional(DifferenceKind::times);
}

class Comparison {
 public:
  // All that is given must outlive the comparison.
  Comparison(Memory& left, Memory& right, const DiffOptions& options, const DifferenceSink& sink,
             const Context& context)
      : left_(left), right_(right), options_(options), sink_(sink), context_(context) {}

  DiffSummary run() {
    compare_addresses();
    if (goes_on_ && summary_.same()) compare_order();
    return summary_;
  }

 private:
  Side side(Memory& memory, const Namespace& ns, OrderBy order) const {
    MemoryQuery query;
    query.scope = {ns, options_.scope.subtree};
    query.filter = options_.filter;
    query.order = order;
    query.keys_only = order == OrderBy::created;
    // Two scans of one store could wait for each other: the second for a writer, and that for the
    // first; or there is only one reader.
    if (&left_ == &right_) return {std::make_unique<PageStream>(memory, query, context_), ns};
    return {std::make_unique<ScanStream>(memory, query, context_), ns};
  }
  Side left_side(OrderBy order) const { return side(left_, options_.scope.ns, order); }
  Side right_side(OrderBy order) const {
    return side(right_, options_.right_ns.value_or(options_.scope.ns), order);
  }

  void report(DifferenceKind kind, const Side* left, const Side* right) {
    if (!sink_) return;
    Difference difference{kind, {}, {}};
    if (left != nullptr) difference.left = left->entry();
    if (right != nullptr) difference.right = right->entry();
    goes_on_ = sink_(difference);
  }

  void compare_addresses() {
    Side left = left_side(OrderBy::key);
    Side right = right_side(OrderBy::key);
    while (!left.at_end() || !right.at_end()) {
      const auto order = right.at_end()  ? std::strong_ordering::less
                         : left.at_end() ? std::strong_ordering::greater
                                         : left.address() <=> right.address();
      if (order < 0) {
        ++summary_.only_left;
        report(DifferenceKind::only_left, &left, nullptr);
      } else if (order > 0) {
        ++summary_.only_right;
        report(DifferenceKind::only_right, nullptr, &right);
      } else {
        compare_entries(left, right);
      }
      if (!goes_on_) return;
      if (order <= 0) left.advance();
      if (order >= 0) right.advance();
    }
  }

  void compare_entries(const Side& left, const Side& right) {
    const auto kind = kind_of_difference(left.entry(), right.entry());
    ++(kind ? summary_.different : summary_.equal);
    if (kind) report(*kind, &left, &right);
  }

  void compare_order() {
    Side left = left_side(OrderBy::created);
    Side right = right_side(OrderBy::created);
    while (!left.at_end() && !right.at_end() && left.address() == right.address()) {
      left.advance();
      right.advance();
    }
    summary_.same_order = left.at_end() && right.at_end();
    if (summary_.same_order) return;
    report(DifferenceKind::order, left.at_end() ? nullptr : &left,
           right.at_end() ? nullptr : &right);
  }

  Memory& left_;
  Memory& right_;
  const DiffOptions& options_;
  const DifferenceSink& sink_;
  const Context& context_;
  DiffSummary summary_;
  bool goes_on_ = true;
};

Timestamp instant_of(Memory& memory, const Context& context) {
  Timestamp instant{};
  memory.transaction([&](const Transaction& reading) { instant = reading.now(); }, context);
  return instant;
}

}  // namespace

std::string_view to_string(DifferenceKind kind) noexcept {
  switch (kind) {
    case DifferenceKind::only_left:
      return "only_left";
    case DifferenceKind::only_right:
      return "only_right";
    case DifferenceKind::value:
      return "value";
    case DifferenceKind::deadline:
      return "deadline";
    case DifferenceKind::times:
      return "times";
    case DifferenceKind::order:
      return "order";
  }
  return "unknown";
}

DiffSummary diff(Memory& left, Memory& right, const DiffOptions& options,
                 const DifferenceSink& sink, const Context& context) {
  Context fixed = context;
  if (!fixed.instant) {
    fixed.instant = std::max(instant_of(left, context), instant_of(right, context));
  }
  return Comparison(left, right, options, sink, fixed).run();
}

}  // namespace holdfast
