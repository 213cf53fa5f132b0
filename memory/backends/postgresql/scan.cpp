#include "scan.hpp"

#include <algorithm>
#include <utility>

#include "schema.hpp"
#include "support/key_ranges.hpp"
#include "transaction.hpp"

namespace holdfast::postgresql {

namespace {

enum Column : std::size_t {
  namespace_column,
  key_column,
  record_column,
  now_column = record_column + record_columns,
  value_column,
};

constexpr std::size_t most_rows_at_once = 1000;
constexpr std::size_t first_rows_at_once = 100;

// Gives the rows of a statement to `take` in chunks that grow, until it returns false; says whether
// it did not.
template <typename Take>
bool fetch_all(Connection& connection, const ScanPlan::Part& part, const Context& context,
               Take&& take) {
  const Statement declare{"", "DECLARE holdfast_rows NO SCROLL CURSOR FOR " + part.statement.sql};
  connection.execute(declare, part.arguments, context);
  for (std::size_t chunk = first_rows_at_once;; chunk = std::min(chunk * 4, most_rows_at_once)) {
    const Rows rows = connection.execute_text(
        "FETCH FORWARD " + std::to_string(chunk) + " FROM holdfast_rows", context);
    if (!take(rows)) return false;
    if (rows.size() < chunk) break;
  }
  connection.execute_text("CLOSE holdfast_rows", context);
  return true;
}

class Delivery {
 public:
  Delivery(Store& store, const ScanRequest& request, const RowSink& sink, bool& delivered)
      : store_(store),
        sink_(sink),
        delivered_(delivered),
        with_value_(request.detail == Detail::record) {}

  // Whether the sink wants more.
  bool deliver(const Rows& rows) {
    for (std::size_t i = 0; i < rows.size(); ++i) {
      if (i == 0) store_.instants.saw(rows.integer(i, now_column));
      fill_record(record_, rows, i, record_column);
      if (with_value_) {
        record_.value =
            MemoryValue::from_canonical(SharedText::of_static(rows.text(i, value_column)));
      }
      delivered_ = true;
      const AddressView address{rows.text(i, namespace_column), rows.text(i, key_column)};
      if (!sink_(ScanRow{address, record_, with_value_})) return false;
    }
    return true;
  }

 private:
  Store& store_;
  const RowSink& sink_;
  bool& delivered_;
  bool with_value_;
  Record record_;
};

// The context with one instant for all statements of a call.
Context with_instant(Store& store, Connection& connection, const Context& context) {
  Context fixed = context;
  if (!store.instants.asks_server(context)) {
    fixed.instant = store.instants.local(context);
    return fixed;
  }
  Arguments arguments;
  store.instants.add_to(arguments, context);
  const Statement now = store.statement("holdfast_now", "SELECT @schema@.instant($1, $2)");
  const std::int64_t ms = connection.execute(now, arguments, context).integer(0, 0);
  store.instants.saw(ms);
  fixed.instant = to_timestamp(ms);
  return fixed;
}

// Namespaces with more entries than have expired.
constexpr const char* namespaces_sql =
    "SELECT h.namespace FROM (SELECT t.namespace, sum(t.entries) AS entries"
    " FROM @schema@.tally t WHERE t.namespace >= $3 AND t.namespace < $4 GROUP BY t.namespace) h"
    " LEFT JOIN (SELECT e.namespace, count(*) AS entries FROM @schema@.entry e"
    " WHERE e.expires_at <= @schema@.instant($1, $2) AND e.namespace >= $3 AND e.namespace < $4"
    " GROUP BY e.namespace) x USING (namespace)"
    " WHERE h.entries > coalesce(x.entries, 0) ORDER BY h.namespace";

}  // namespace

void scan(Store& store, Connection& connection, const ScanRequest& request, const RowSink& sink,
          bool& delivered, const Context& context) {
  Delivery delivery(store, request, sink, delivered);
  const ScanPlan plan = plan_scan(store, request, context);
  if (plan.limited) {
    for (const ScanPlan::Part& part : plan.parts) {
      delivery.deliver(connection.execute(part.statement, part.arguments, context));
    }
    return;
  }
  const OpenTransaction snapshot(connection, begin_snapshot, context);
  const Context fixed = with_instant(store, connection, context);
  for (const ScanPlan::Part& part : plan_scan(store, request, fixed).parts) {
    const auto take = [&](const Rows& rows) { return delivery.deliver(rows); };
    if (!fetch_all(connection, part, context, take)) return;
  }
}

void scan_namespaces(Store& store, Connection& connection, const Namespace& root,
                     const std::optional<std::string>& after, const NamespaceSink& sink,
                     bool& delivered, const Context& context) {
  const OpenTransaction snapshot(connection, begin_snapshot, context);
  const Context fixed = with_instant(store, connection, context);
  const support::SubtreeRanges ranges(root.text());
  for (support::TextRange range : {ranges.own, ranges.below}) {
    if (after) range.first = std::max(range.first, support::own_range(*after).end);
    if (range.empty()) continue;
    ScanPlan::Part part{store.statement("", namespaces_sql), {}};
    store.instants.add_to(part.arguments, fixed);
    part.arguments.add(range.first).add(range.end);
    const auto take = [&](const Rows& rows) {
      for (std::size_t i = 0; i < rows.size(); ++i) {
        delivered = true;
        if (!sink(rows.text(i, 0))) return false;
      }
      return true;
    };
    if (!fetch_all(connection, part, context, take)) return;
  }
}

}  // namespace holdfast::postgresql
