// Queries: pages, counts, the top by a path, and namespaces.
#include <algorithm>
#include <set>

#include "cursor.hpp"
#include "holdfast/row_copier.hpp"
#include "matcher.hpp"
#include "memory_state.hpp"
#include "validate.hpp"

namespace holdfast {
namespace {

// Looks at the context now and then, so that a long scan can be ended.
class Pace {
 public:
  explicit Pace(const Context& context) : context_(context) {}
  void step() {
    if (++rows_ % 256 == 0) context_.check();
  }

 private:
  const Context& context_;
  unsigned rows_ = 0;
};

Position position_of(const Entry& entry, OrderBy order) {
  switch (order) {
    case OrderBy::key:
      return {{entry.ns, entry.key}, 0};
    case OrderBy::created:
      return {{}, entry.created_revision};
    case OrderBy::updated:
      return {{}, entry.revision};
  }
  return {};
}

std::optional<Position> beginning_of(const MemoryQuery& query) {
  if (!query.cursor.empty()) return decode_cursor(text_of(query), query.cursor);
  if (query.after_revision) return Position{{}, *query.after_revision};
  return std::nullopt;
}

Page page_in_order(Backend& backend, const MemoryQuery& query, const Context& context) {
  const Matcher matcher(query);
  ScanRequest request{.query = query};
  request.after = beginning_of(query);
  request.rows_wanted = query.limit + 1;
  const bool with_value = !query.keys_only;
  request.detail = with_value || matcher.needs_value() ? Detail::record : Detail::without_value;

  Page page;
  constexpr std::size_t entries_expected = 64;
  page.entries.reserve(std::min(query.limit, entries_expected));
  bool has_more = false;
  RowCopier copier;
  Pace pace(context);
  const bool takes_all = matcher.matches_everything();
  backend.scan(
      request,
      [&](const ScanRow& row) {
        pace.step();
        if (!takes_all && !matcher.matches(row)) return true;
        has_more = page.entries.size() == query.limit;
        if (!has_more) copier.copy_to(page.entries.emplace_back(), row, with_value);
        return !has_more;
      },
      context);
  if (has_more) {
    page.cursor = encode_cursor(text_of(query), position_of(page.entries.back(), query.order));
  }
  return page;
}

int rank_of_kind(ValueKind kind) {
  switch (kind) {
    case ValueKind::int64:
    case ValueKind::float64:
      return 1;
    case ValueKind::string:
      return 2;
    case ValueKind::bytes:
      return 3;
    default:
      return 0;  // Has no place in the order.
  }
}

struct Ranked {
  MemoryValue by;
  Entry entry;
};

class BetterFirst {
 public:
  explicit BetterFirst(Direction direction) : descending_(direction == Direction::descending) {}
  bool operator()(const Ranked& a, const Ranked& b) const {
    const int rank_a = rank_of_kind(a.by.kind());
    const int rank_b = rank_of_kind(b.by.kind());
    if (rank_a != rank_b) return rank_a < rank_b;  // In both directions.
    const std::partial_ordering order = compare(a.by, b.by);
    if (order == 0) return a.entry.created_revision < b.entry.created_revision;
    return descending_ ? order > 0 : order < 0;
  }

 private:
  bool descending_;
};

Page top_page(Backend& backend, const MemoryQuery& query, const Context& context) {
  const Matcher matcher(query);
  MemoryQuery by_key = query;  // `top` takes the place of the order.
  by_key.order = OrderBy::key;
  by_key.direction = Direction::ascending;
  const BetterFirst better(query.top->direction);
  std::set<Ranked, BetterFirst> best(better);
  RowCopier copier;
  Pace pace(context);
  backend.scan(
      ScanRequest{.query = by_key},
      [&](const ScanRow& row) {
        pace.step();
        if (!matcher.matches(row)) return true;
        const auto by = query.top->path.resolve(row.record.value);
        if (!by || rank_of_kind(by->kind()) == 0) return true;
        Entry entry = copier.copy(row, true);
        MemoryValue kept = *query.top->path.resolve(entry.value);
        best.insert({std::move(kept), std::move(entry)});
        if (best.size() > query.limit) best.erase(std::prev(best.end()));
        return true;
      },
      context);

  Page page;
  page.entries.reserve(best.size());
  while (!best.empty()) {
    Ranked ranked = std::move(best.extract(best.begin()).value());
    if (query.keys_only) ranked.entry.value = MemoryValue();
    page.entries.push_back(std::move(ranked.entry));
  }
  return page;
}

NamespacePage whole_namespaces(Backend& backend, const NamespaceQuery& query,
                               const std::optional<std::string>& after, const Context& context) {
  NamespacePage page;
  bool has_more = false;
  Pace pace(context);
  backend.scan_namespaces(
      query.prefix.literal_prefix(), after,
      [&](std::string_view canonical) {
        pace.step();
        auto ns = Namespace::from_canonical(SharedText::copy_of(canonical));
        if (!query.prefix.is_prefix_of(ns) || !query.suffix.is_suffix_of(ns)) return true;
        has_more = page.namespaces.size() == query.limit;
        if (!has_more) page.namespaces.push_back(std::move(ns));
        return !has_more;
      },
      context);
  if (has_more) page.cursor = "more";
  return page;
}

// Cutting can move a namespace forward in the order ("a-b" lies between "a" and "a/c"), so the
// whole range is read, and the first `limit` are kept.
NamespacePage cut_namespaces(Backend& backend, const NamespaceQuery& query,
                             const std::optional<std::string>& after, const Context& context) {
  std::set<Namespace> first;
  bool has_more = false;
  Pace pace(context);
  backend.scan_namespaces(
      query.prefix.literal_prefix(), std::nullopt,
      [&](std::string_view canonical) {
        pace.step();
        const auto ns = Namespace::from_canonical(SharedText::copy_of(canonical));
        if (!query.prefix.is_prefix_of(ns) || !query.suffix.is_suffix_of(ns)) return true;
        Namespace cut = ns.truncated_to(*query.max_depth);
        if (after && cut.text() <= *after) return true;
        first.insert(std::move(cut));
        if (first.size() > query.limit) {
          first.erase(std::prev(first.end()));
          has_more = true;
        }
        return true;
      },
      context);
  return {{first.begin(), first.end()}, has_more ? "more" : ""};
}

void check_query(const NamespaceQuery& query) {
  if (query.limit < 1 || query.limit > NamespaceQuery::max_limit) {
    throw_invalid_argument("the limit is " + std::to_string(query.limit) + "; 1 to " +
                           std::to_string(NamespaceQuery::max_limit) + " are allowed");
  }
}

}  // namespace

Page Memory::query(const MemoryQuery& query, const Context& context) {
  return state_->call("query", context, [&](CallGate::Pass&) {
    check_query(query);
    return query.top ? top_page(*state_->backend, query, context)
                     : page_in_order(*state_->backend, query, context);
  });
}

void Memory::scan(const MemoryQuery& query, const RowSink& sink, const Context& context) {
  state_->call("scan", context, [&](CallGate::Pass&) {
    check_query(query);
    if (query.top || !query.cursor.empty()) {
      throw_invalid_argument("a scan goes through everything: it takes neither top nor a cursor");
    }
    const Matcher matcher(query);
    ScanRequest request{.query = query};
    request.after = beginning_of(query);
    const bool with_value = !query.keys_only || matcher.needs_value();
    request.detail = with_value ? Detail::record : Detail::without_value;
    Pace pace(context);
    state_->backend->scan(
        request,
        [&](const ScanRow& row) {
          pace.step();
          return !matcher.matches(row) || sink(row);
        },
        context);
  });
}

std::uint64_t Memory::count(const MemoryQuery& query, const Context& context) {
  return state_->call("count", context, [&](CallGate::Pass&) -> std::uint64_t {
    check_namespace(query.scope.ns);
    check_key_prefix(query.key_prefix);
    const Matcher matcher(query);
    if (matcher.matches_everything()) return state_->backend->count(query.scope, context);
    MemoryQuery by_key = query;
    by_key.order = OrderBy::key;
    by_key.direction = Direction::ascending;
    std::uint64_t matching = 0;
    Pace pace(context);
    state_->backend->scan(
        ScanRequest{.query = by_key,
                    .detail = matcher.needs_value() ? Detail::record : Detail::without_value},
        [&](const ScanRow& row) {
          pace.step();
          matching += matcher.matches(row) ? 1U : 0U;
          return true;
        },
        context);
    return matching;
  });
}

std::uint64_t Memory::count(const Scope& scope, const Context& context) {
  return state_->call("count", context, [&](CallGate::Pass&) {
    check_namespace(scope.ns);
    return state_->backend->count(scope, context);
  });
}

std::uint64_t Memory::clear(const Scope& scope, const Context& context) {
  return state_->call("clear", context, [&](CallGate::Pass& pass) {
    check_namespace(scope.ns);
    const std::uint64_t erased = state_->backend->clear(scope, context);
    pass.count_writes(erased);
    return erased;
  });
}

NamespacePage Memory::list_namespaces(const NamespaceQuery& query, const Context& context) {
  return state_->call("list_namespaces", context, [&](CallGate::Pass&) {
    check_query(query);
    std::optional<std::string> after;
    if (!query.cursor.empty()) {
      after = decode_cursor(text_of(query), query.cursor).address.ns.text();
    }
    NamespacePage page = query.max_depth
                             ? cut_namespaces(*state_->backend, query, after, context)
                             : whole_namespaces(*state_->backend, query, after, context);
    if (!page.cursor.empty()) {
      page.cursor = encode_cursor(text_of(query), {{page.namespaces.back(), ""}, 0});
    }
    return page;
  });
}

}  // namespace holdfast
