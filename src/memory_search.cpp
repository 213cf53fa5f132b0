// Searching, and what namespaces are configured for it.
#include <charconv>

#include "cursor.hpp"
#include "holdfast/row_copier.hpp"
#include "memory_state.hpp"
#include "search_page.hpp"
#include "validate.hpp"

namespace holdfast {
namespace {

void check_query(const SearchQuery& query) {
  check_namespace(query.scope.ns);
  check_search_limit(query.limit, SearchQuery::max_limit);
  if (query.text.size() > SearchQuery::max_text_bytes) {
    throw_invalid_argument("a text of " + std::to_string(query.text.size()) + " bytes; up to " +
                           std::to_string(SearchQuery::max_text_bytes) + " are allowed");
  }
}

// A cursor has the score in the place of a key.
std::string cursor_of(const SearchQuery& query, const RankedPosition& last) {
  return encode_cursor(text_of(query),
                       {{Namespace(), std::to_string(last.micros)}, last.created_revision});
}

std::optional<RankedPosition> beginning_of(const SearchQuery& query) {
  if (query.cursor.empty()) return std::nullopt;
  const Position position = decode_cursor(text_of(query), query.cursor);
  const std::string& digits = position.address.key;
  RankedPosition after{0, position.revision};
  const auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), after.micros);
  if (parsed.ec != std::errc() || parsed.ptr != digits.data() + digits.size()) {
    throw_invalid_argument("the cursor is not that of a search");
  }
  return after;
}

SearchPage page_of(SearchIndex& index, const SearchQuery& query, const Context& context) {
  const SearchRequest request{query.scope, query.text, beginning_of(query)};
  SearchPage page;
  RankedPosition last;
  bool has_more = false;
  RowCopier copier;
  index.search(
      request,
      [&](const RankedRow& row) {
        context.check();
        if (!lets_through(query, row.record)) return true;
        has_more = page.hits.size() == query.limit;
        if (has_more) return false;
        SearchHit& hit = page.hits.emplace_back();
        hit.entry = copier.copy(row.address, row.record);
        hit.score = static_cast<double>(row.micros) / 1e6;
        if (query.explain) hit.explanation = row.explain();
        last = {row.micros, row.record.created_revision};
        return true;
      },
      context);
  if (has_more) page.cursor = cursor_of(query, last);
  return page;
}

}  // namespace

SearchIndex& search_index_of(Backend& backend) {
  SearchIndex* const index = backend.search_index();
  if (index == nullptr) {
    throw Error(ErrorCode::unsupported, "this store keeps no index to search in");
  }
  return *index;
}

const SearchConfiguration* governing(std::span<const SearchConfiguration> all,
                                     std::string_view ns) noexcept {
  const SearchConfiguration* nearest = nullptr;
  for (const SearchConfiguration& each : all) {
    if (!subtree_contains(each.ns.text(), ns)) continue;
    if (nearest == nullptr || nearest->ns.text().size() < each.ns.text().size()) nearest = &each;
  }
  return nearest;
}

void check_search_limit(std::size_t limit, std::size_t most) {
  if (limit >= 1 && limit <= most) return;
  throw_invalid_argument("the limit is " + std::to_string(limit) + "; 1 to " +
                         std::to_string(most) + " are allowed");
}

SearchPage Memory::search(const SearchQuery& query, const Context& context) {
  return state_->call("search", context, [&](CallGate::Pass&) {
    check_query(query);
    return page_of(search_index_of(*state_->backend), query, context);
  });
}

void Memory::configure_search(const Namespace& ns, const SearchConfig& config,
                              const Context& context) {
  state_->call("configure_search", context, [&](CallGate::Pass&) {
    check_namespace(ns);
    config.check();
    search_index_of(*state_->backend).configure(ns, &config, context);
  });
}

bool Memory::remove_search(const Namespace& ns, const Context& context) {
  return state_->call("remove_search", context, [&](CallGate::Pass&) {
    check_namespace(ns);
    return search_index_of(*state_->backend).configure(ns, nullptr, context);
  });
}

std::vector<SearchConfiguration> Memory::search_configurations(const Context& context) {
  return state_->call("search_configurations", context, [&](CallGate::Pass&) {
    return search_index_of(*state_->backend).configurations(context);
  });
}

std::uint64_t Memory::reindex(const Namespace& ns, const Context& context) {
  return state_->call("reindex", context, [&](CallGate::Pass&) {
    check_namespace(ns);
    return search_index_of(*state_->backend).reindex(ns, context);
  });
}

SearchCheck Memory::check_search(const Namespace& ns, const Context& context) {
  return state_->call("check_search", context, [&](CallGate::Pass&) {
    check_namespace(ns);
    return search_index_of(*state_->backend).check(ns, context);
  });
}

}  // namespace holdfast
