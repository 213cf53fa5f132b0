// Which SQL a scan is.
#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "preselection.hpp"
#include "scan.hpp"
#include "schema.hpp"
#include "support/key_ranges.hpp"

namespace holdfast::postgresql {

namespace {

// Gathers conditions, their arguments, and a name for what can be prepared.
class ScanSql {
 public:
  ScanSql(const Store& store, const ScanRequest& request, const Context& context)
      : store_(store), request_(request), query_(request.query) {
    store.instants.add_to(arguments_, context);  // $1 and $2.
    descending_ = query_.direction == Direction::descending;
    name_ = "holdfast_scan_";
    name_ += "kcu"[static_cast<std::size_t>(query_.order)];
    name_ += descending_ ? 'd' : 'a';
    name_ += request.detail == Detail::record ? 'v' : 'r';
  }

  // What every part has in common. Whether the server alone can tell which rows match.
  bool add_conditions() {
    where_ = "(e.expires_at IS NULL OR e.expires_at > " + instant() + ")";
    add_key_conditions();
    add_time_conditions("created_at", query_.created);
    add_time_conditions("updated_at", query_.updated);
    const Preselection preselection =
        preselection_of(query_.filter, store_.indexed_paths, arguments_);
    if (!preselection.sql.empty()) {
      where_ += " AND (" + preselection.sql + ")";
      can_be_prepared_ = false;  // There is no end of filters.
    }
    return preselection.exact;
  }

  // Each starts a part's condition anew.
  void in_namespace(std::string_view ns) {
    part_ = "e.namespace = " + argument(ns);
    name_ += "_one";
  }
  // For a statement that is to be planned for its arguments each time.
  void plan_anew() noexcept { can_be_prepared_ = false; }
  void in_range(const support::TextRange& range) {
    part_ = "e.namespace >= " + argument(range.first) + " AND e.namespace < " + argument(range.end);
    name_ += "_range";
  }
  // A range that holds everything would pass for a small one with the planner.
  void everywhere() {
    part_ = "TRUE";
    name_ += "_all";
  }
  void after_key(std::string_view key) {
    part_ += std::string(" AND e.key ") + beyond() + " " + argument(key);
    name_ += "_key";
  }
  void after_address(const Address& address) {
    part_ += std::string(" AND (e.namespace, e.key) ") + beyond() + " (" +
             argument(address.ns.text()) + ", " + argument(address.key) + ")";
    name_ += "_address";
  }
  void after_revision(Revision revision) {
    part_ += std::string(" AND e.") + order_column() + " " + beyond() + " " +
             placeholder(arguments_.add(revision));
    name_ += "_revision";
  }

  [[nodiscard]] std::string select(std::string_view also = {}) const {
    std::string sql = "SELECT e.namespace, e.key, " HOLDFAST_POSTGRESQL_RECORD_COLUMNS ", " +
                      instant() + " AS now";
    if (request_.detail == Detail::record) sql += ", e.value";
    sql += also;
    sql += " FROM " + in_schema("@schema@.entry", store_.options.schema) + " e WHERE " + part_ +
           " AND " + where_;
    return sql + " ORDER BY " + order("e.");
  }
  [[nodiscard]] std::string order(std::string_view prefix) const {
    const std::string turn = descending_ ? " DESC" : "";
    std::string text(prefix);
    if (query_.order != OrderBy::key) return text + order_column() + turn;
    return text + "namespace" + turn + ", " + text + "key" + turn;
  }
  [[nodiscard]] bool descending() const noexcept { return descending_; }
  [[nodiscard]] std::string limit() {
    name_ += "_limit";
    return " LIMIT " + placeholder(arguments_.add(static_cast<std::int64_t>(request_.rows_wanted)));
  }

  [[nodiscard]] ScanPlan::Part finish(const std::string& sql) {
    return {{can_be_prepared_ ? name_ : "", sql, true}, std::move(arguments_)};
  }

 private:
  // The schema's name is put in here, and not into the whole: an indexed path may hold any text.
  // A subquery of its own is evaluated once, and not for each row.
  [[nodiscard]] std::string instant() const {
    return in_schema("(SELECT @schema@.instant($1, $2))", store_.options.schema);
  }
  [[nodiscard]] std::string argument(std::string_view text) {
    return placeholder(arguments_.add(text)) + "::text";
  }
  [[nodiscard]] static std::string placeholder(const Arguments& arguments) {
    return "$" + std::to_string(arguments.size());
  }
  [[nodiscard]] const char* beyond() const noexcept { return descending_ ? "<" : ">"; }
  [[nodiscard]] const char* order_column() const noexcept {
    return query_.order == OrderBy::created ? "created_revision" : "revision";
  }

  void add_key_conditions() {
    const std::string prefix = std::max(query_.key_prefix, query_.key_pattern.literal_prefix());
    if (!prefix.empty()) {
      where_ += " AND e.key >= " + argument(prefix) + " AND e.key < " +
                argument(support::end_of_prefix(prefix));
      name_ += "_prefix";
    }
    // The range holds all that begins with the greater one; where neither begins the other,
    // nothing matches.
    if (!query_.key_prefix.empty() && prefix != query_.key_prefix) {
      where_ += " AND starts_with(e.key, " + argument(query_.key_prefix) + ")";
      name_ += "_starts";
    }
    if (query_.key_pattern.matches_everything()) return;
    where_ += " AND e.key LIKE " + argument(like_pattern(query_.key_pattern.text()));
    name_ += "_like";
  }

  void add_time_conditions(const char* column, const TimeRange& range) {
    const auto add = [&](const std::optional<Timestamp>& bound, const char* comparison) {
      if (!bound) return;
      where_ += std::string(" AND e.") + column + comparison +
                placeholder(arguments_.add(to_ms(*bound))) + "::bigint";
      name_ += std::string("_") + column[0] + (comparison[1] == '>' ? 'f' : 'u');
    };
    add(range.from, " >= ");
    add(range.until, " < ");
  }

  // `*` is %, `?` is _, and a backslash takes the meaning of the next character away in both.
  [[nodiscard]] static std::string like_pattern(std::string_view pattern) {
    std::string like;
    for (std::size_t i = 0; i < pattern.size(); ++i) {
      char c = pattern[i];
      if (c == '*') {
        like += '%';
      } else if (c == '?') {
        like += '_';
      } else {
        if (c == '\\') c = pattern[++i];
        if (c == '%' || c == '_' || c == '\\') like += '\\';
        like += c;
      }
    }
    return like;
  }

  const Store& store_;
  const ScanRequest& request_;
  const MemoryQuery& query_;
  Arguments arguments_;
  std::string where_;
  std::string part_;
  std::string name_;
  bool descending_ = false;
  bool can_be_prepared_ = true;
};

// The ranges of namespaces that a scan by key has still to go through, in its order.
struct Stretch {
  support::TextRange range;
  bool after_address = false;  // Whether the scan goes on in the middle of it.
};

std::vector<Stretch> stretches_of(const ScanRequest& request) {
  const support::SubtreeRanges subtree(request.query.scope.ns.text());
  std::vector<support::TextRange> ranges{subtree.own, subtree.below};
  const bool descending = request.query.direction == Direction::descending;
  if (descending) std::swap(ranges[0], ranges[1]);
  std::vector<Stretch> stretches;
  for (const support::TextRange& range : ranges) {
    if (range.empty()) continue;
    if (!request.after) {
      stretches.push_back({range, false});
      continue;
    }
    const std::string_view passed = request.after->address.ns.text();
    const bool lies_behind = descending ? passed < range.first : passed >= range.end;
    if (lies_behind) continue;
    stretches.push_back({range, passed >= range.first && passed < range.end});
  }
  return stretches;
}

std::string select_stretch(ScanSql& sql, const Stretch& stretch, const ScanRequest& request,
                           std::string_view also = {}) {
  sql.in_range(stretch.range);
  if (stretch.after_address) sql.after_address(request.after->address);
  return sql.select(also);
}

// Both stretches in one statement, so that they are read from one state.
ScanPlan::Part both_stretches(ScanSql& sql, const std::vector<Stretch>& stretches,
                              const ScanRequest& request) {
  const std::string first = select_stretch(sql, stretches[0], request, ", 1 AS stretch");
  const std::string second = select_stretch(sql, stretches[1], request, ", 2 AS stretch");
  const std::string limit = sql.limit();
  return sql.finish("(" + first + limit + ") UNION ALL (" + second + limit +
                    ") ORDER BY stretch, " + sql.order("") + limit);
}

ScanPlan plan_subtree_by_key(const Store& store, const ScanRequest& request,
                             const Context& context) {
  const std::vector<Stretch> stretches = stretches_of(request);
  ScanPlan plan;
  ScanSql sql(store, request, context);
  plan.limited = sql.add_conditions() && request.rows_wanted != 0;
  if (plan.limited && stretches.size() == 2) {
    plan.parts.push_back(both_stretches(sql, stretches, request));
    return plan;
  }
  for (const Stretch& stretch : stretches) {
    ScanSql part(store, request, context);
    static_cast<void>(part.add_conditions());
    std::string text = select_stretch(part, stretch, request);
    if (plan.limited) text += part.limit();
    plan.parts.push_back(part.finish(text));
  }
  return plan;
}

// The ranges one by one, since an index has one at a time.
ScanPlan plan_subtree_by_revision(const Store& store, const ScanRequest& request,
                                  const Context& context) {
  ScanPlan plan;
  ScanSql sql(store, request, context);
  plan.limited = sql.add_conditions() && request.rows_wanted != 0;
  const support::SubtreeRanges ranges(request.query.scope.ns.text());
  const auto select = [&] {
    if (request.after) sql.after_revision(request.after->revision);
    return sql.select();
  };
  std::string text;
  if (ranges.below.empty()) {
    sql.everywhere();
    text = select();
    if (plan.limited) text += sql.limit();
  } else {
    sql.plan_anew();  // How much lies below decides which index is the right one.
    sql.in_namespace(request.query.scope.ns.text());
    const std::string own = select();
    sql.in_range(ranges.below);
    const std::string below = select();
    const std::string limit = plan.limited ? sql.limit() : std::string();
    text = "(" + own + limit + ") UNION ALL (" + below + limit + ") ORDER BY " + sql.order("");
    text += limit;
  }
  plan.parts.push_back(sql.finish(text));
  return plan;
}

}  // namespace

ScanPlan plan_scan(const Store& store, const ScanRequest& request, const Context& context) {
  const Scope& scope = request.query.scope;
  const bool by_key = request.query.order == OrderBy::key;
  if (scope.subtree) {
    return by_key ? plan_subtree_by_key(store, request, context)
                  : plan_subtree_by_revision(store, request, context);
  }
  ScanPlan plan;
  ScanSql sql(store, request, context);
  plan.limited = sql.add_conditions() && request.rows_wanted != 0;
  sql.in_namespace(scope.ns.text());
  if (request.after && by_key) {
    // A cursor may have been made for a larger scope: the rows are those of this one all the same.
    const std::string_view passed = request.after->address.ns.text();
    if (passed == scope.ns.text()) {
      sql.after_key(request.after->address.key);
    } else {
      sql.after_address(request.after->address);
    }
  } else if (request.after) {
    sql.after_revision(request.after->revision);
  }
  std::string text = sql.select();
  if (plan.limited) text += sql.limit();
  plan.parts.push_back(sql.finish(text));
  return plan;
}

}  // namespace holdfast::postgresql
