// Scans: rows go from the statement to the sink as they come.
#include <algorithm>
#include <array>
#include <limits>
#include <queue>
#include <type_traits>
#include <utility>

#include "errors.hpp"
#include "reader.hpp"
#include "support/key_ranges.hpp"

namespace holdfast::sqlite {

namespace {

constexpr std::uint64_t rows_between_checks = 256;

bool is_after(Revision a, Revision b, bool descending) { return descending ? a < b : a > b; }

ScanShape shape_of(const ScanRequest& request) {
  return {request.query.order, request.query.direction == Direction::descending,
          request.detail == Detail::record};
}

// The revision after which a scan by revision begins.
Revision start_of(const ScanRequest& request) {
  if (request.after) return request.after->revision;
  const bool descending = request.query.direction == Direction::descending;
  return descending ? std::numeric_limits<Revision>::max() : Revision{0};
}

}  // namespace

// What one scan hands to its sink.
class Reader::Delivery {
 public:
  Delivery(Statement& find_large_value, Detail detail, const RowSink& sink, Timestamp now,
           const Context& context)
      : find_large_value_(find_large_value),
        sink_(sink),
        now_(now),
        context_(context),
        with_value_(detail == Detail::record) {}

  // Whether the sink wants more, of the row that `statement` stands on.
  bool deliver(std::string_view path, const Statement& statement) {
    if (rows_++ % rows_between_checks == 0) context_.check();
    const Row row = read_row(statement);
    if (!row.is_live(now_)) return true;
    fill_record(record_, row);
    const ScanRow scan_row{{path, statement.text(row_columns)}, record_, with_value_};
    if (!with_value_) return sink_(scan_row);
    const auto large_value = statement.optional_integer(row_columns + 1);
    if (!large_value) {
      set_value(statement.text(row_columns + 2));
      return sink_(scan_row);
    }
    const Using use(find_large_value_);
    find_large_value_.bind(1, *large_value);
    if (!find_large_value_.step()) {
      fail(ErrorCode::corruption, "the value of an entry is missing");
    }
    set_value(find_large_value_.text(0));
    return sink_(scan_row);
  }

 private:
  void set_value(std::string_view text) {
    record_.value = MemoryValue::from_canonical(SharedText::of_static(text));
  }

  Statement& find_large_value_;
  const RowSink& sink_;
  Timestamp now_;
  const Context& context_;
  bool with_value_;
  std::uint64_t rows_ = 0;
  Record record_;
};

// Where one namespace stands in a merge by revision.
struct Reader::Head {
  Revision revision = 0;
  std::int64_t id = 0;
  std::string path;
};

Statement& Reader::scan_statement(const ScanShape& shape) {
  auto& slot = scans_[shape.index()];
  if (slot == nullptr) slot = std::make_unique<Statement>(connection_.prepare(shape.sql()));
  return *slot;
}

void Reader::scan(const ScanRequest& request, const RowSink& sink, Timestamp now,
                  const Context& context) {
  if (request.query.scope.subtree) {
    const Snapshot snapshot(hold_snapshot_);
    return scan_subtree(request, sink, now, context);
  }
  Delivery delivery(find_large_value_, request.detail, sink, now, context);
  scan_namespace(request, delivery);
}

void Reader::scan_namespace(const ScanRequest& request, Delivery& delivery) {
  const std::string_view path = request.query.scope.ns.text();
  const bool descending = request.query.direction == Direction::descending;
  if (request.query.order == OrderBy::key) {
    const std::string_view passed = request.after ? request.after->address.ns.text() : path;
    if (descending ? passed < path : passed > path) return;
    scan_keys_of(path, path, request, delivery);
    return;
  }
  ScanShape shape = shape_of(request);
  shape.by_path = true;
  shape.open_end = true;
  Statement& statement = scan_statement(shape);
  const Using use(statement);
  const Revision start = start_of(request);
  statement.bind(1, path);
  if (descending) {
    statement.bind(3, start);
  } else {
    statement.bind(2, start + 1);
  }
  while (statement.step()) {
    if (!delivery.deliver(path, statement)) return;
  }
}

void Reader::scan_subtree(const ScanRequest& request, const RowSink& sink, Timestamp now,
                          const Context& context) {
  Delivery delivery(find_large_value_, request.detail, sink, now, context);
  if (request.query.order == OrderBy::key) {
    scan_by_key(request, delivery);
  } else {
    scan_by_revision(request, delivery);
  }
}

template <typename Place>
bool Reader::scan_keys_of(const Place& place, std::string_view path, const ScanRequest& request,
                          Delivery& delivery) {
  ScanShape shape = shape_of(request);
  shape.by_path = std::is_same_v<Place, std::string_view>;
  const std::string& wanted = request.query.key_prefix;
  std::string first = std::max(wanted, request.query.key_pattern.literal_prefix());
  shape.open_end = first.empty();
  // Neither prefix may be begun by the other; then nothing matches, and the sink finds that out.
  std::string end = support::end_of_prefix(first);
  if (request.after && request.after->address.ns.text() == path) {
    const std::string& key = request.after->address.key;
    if (shape.descending) {
      end = std::min(end, key);
    } else if (key >= first) {
      first = key;
      shape.first_excluded = true;
    }
  }
  Statement& statement = scan_statement(shape);
  const Using use(statement);
  statement.bind(1, place);
  if (!shape.open_end || !shape.descending) statement.bind(2, first);
  if (!shape.open_end || shape.descending) statement.bind(3, end);
  while (statement.step()) {
    if (!delivery.deliver(path, statement)) return false;
  }
  return true;
}

void Reader::scan_by_key(const ScanRequest& request, Delivery& delivery) {
  const bool descending = request.query.direction == Direction::descending;
  const support::SubtreeRanges subtree(request.query.scope.ns.text());
  std::array<support::TextRange, 2> ranges{subtree.own, subtree.below};
  if (descending) std::swap(ranges[0], ranges[1]);
  for (support::TextRange& range : ranges) {
    if (request.after) {
      const std::string passed(request.after->address.ns.text());
      if (descending) {
        range.end = std::min(range.end, passed + '\0');
      } else {
        range.first = std::max(range.first, passed);
      }
    }
    Using list(descending ? list_namespaces_descending_ : list_namespaces_);
    list->bind(1, range.first).bind(2, range.end);
    while (list->step()) {
      if (!scan_keys_of(list->integer(0), list->text(1), request, delivery)) return;
    }
  }
}

std::vector<Reader::Head> Reader::heads_of(const ScanRequest& request, Revision from) {
  const bool descending = request.query.direction == Direction::descending;
  const std::string column =
      request.query.order == OrderBy::created ? "e.created_revision" : "e.revision";
  const std::string nearest = (descending ? "max(" : "min(") + column + ")";
  Statement find = connection_.prepare(
      "SELECT n.id, n.path, (SELECT " + nearest + " FROM entry e WHERE e.namespace_id = n.id AND " +
      column + (descending ? " < " : " > ") +
      "?3) AS head FROM namespace n WHERE n.path >= ?1 AND n.path < ?2");
  const support::SubtreeRanges ranges(request.query.scope.ns.text());
  std::vector<Head> heads;
  for (const support::TextRange& range : {ranges.own, ranges.below}) {
    const Using use(find);
    find.bind(1, range.first).bind(2, range.end).bind(3, from);
    while (find.step()) {
      if (find.is_null(2)) continue;
      heads.push_back({find.integer(2), find.integer(0), std::string(find.text(1))});
    }
  }
  return heads;
}

void Reader::scan_by_revision(const ScanRequest& request, Delivery& delivery) {
  merge(heads_of(request, start_of(request)), request, delivery);
}

// Each namespace is read in order; the one that is nearest goes on until another one is. Costs one
// look into each namespace and what is delivered.
void Reader::merge(std::vector<Head> heads, const ScanRequest& request, Delivery& delivery) {
  const ScanShape shape = shape_of(request);
  const auto later = [&](const Head& a, const Head& b) {
    return is_after(a.revision, b.revision, shape.descending);
  };
  std::priority_queue queue(later, std::move(heads));
  Statement& statement = scan_statement(shape);
  const int order_column = shape.order == OrderBy::created ? 1 : 0;
  while (!queue.empty()) {
    const Head head = queue.top();
    queue.pop();
    const Using use(statement);
    statement.bind(1, head.id);
    // The upper bound is excluded, the lower one included.
    statement.bind(2, shape.descending ? Revision{0} : head.revision);
    statement.bind(3, shape.descending ? head.revision + 1 : std::numeric_limits<Revision>::max());
    while (statement.step()) {
      const Revision revision = statement.integer(order_column);
      if (!queue.empty() && is_after(revision, queue.top().revision, shape.descending)) {
        queue.push({revision, head.id, head.path});
        break;
      }
      if (!delivery.deliver(head.path, statement)) return;
    }
  }
}

void Reader::scan_created(std::int64_t id, std::string_view path, Revision first, Revision end,
                          const RowSink& sink, Timestamp now, const Context& context) {
  Delivery delivery(find_large_value_, Detail::record, sink, now, context);
  Statement& statement = scan_statement({OrderBy::created, false, true});
  const Using use(statement);
  statement.bind(1, id).bind(2, first).bind(3, end);
  while (statement.step()) {
    if (!delivery.deliver(path, statement)) return;
  }
}

}  // namespace holdfast::sqlite
