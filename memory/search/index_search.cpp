#include "index_search.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

#include "holdfast/error.hpp"
#include "holdfast/ranker.hpp"

namespace holdfast::search {
namespace {

// The documents of a scope, and with them the places and statistics that a ranking goes by.
class Documents {
 public:
  Documents(IndexView& view, std::size_t fields) : created_(view.namespaces()) {
    statistics_.lengths.resize(fields);
    DocumentList list(fields);
    for (std::size_t ns = 0; ns < created_.size(); ++ns) {
      list.clear();
      view.read_documents(ns, list);
      list.remove(view.expired(ns));
      if (list.size() > std::numeric_limits<std::uint32_t>::max()) {
        throw Error(ErrorCode::resource_exhausted, "a namespace holds too many entries to search");
      }
      statistics_.documents += list.size();
      for (std::size_t i = 0; i < fields; ++i) statistics_.lengths[i] += list.sums()[i];
      created_[ns] = list.all_created();
    }
  }

  [[nodiscard]] const SearchStatistics& statistics() const noexcept { return statistics_; }
  [[nodiscard]] Revision created(SearchPlace place) const noexcept {
    return created_[place.sequence][place.position];
  }
  [[nodiscard]] bool has(SearchPlace place) const noexcept {
    return place.position < created_[place.sequence].size();
  }
  [[nodiscard]] const std::vector<Revision>& in(std::size_t ns) const noexcept {
    return created_[ns];
  }

 private:
  std::vector<std::vector<Revision>> created_;
  SearchStatistics statistics_;
};

// The postings of one term in the scope, at their places.
class PlacedPostings {
 public:
  PlacedPostings(IndexView& view, const Documents& documents, std::string_view term) {
    for (std::size_t ns = 0; ns < view.namespaces(); ++ns) {
      PostingList& list = lists_.emplace_back();
      view.read_postings(ns, term, list);
      place(list, static_cast<std::uint32_t>(ns), documents.in(ns));
    }
  }

  [[nodiscard]] std::span<const SearchPosting> postings() const noexcept { return postings_; }

 private:
  // Both ascend. Postings of documents that are not there any more are left out.
  void place(const PostingList& list, std::uint32_t ns, const std::vector<Revision>& created) {
    auto at = created.begin();
    for (std::size_t i = 0; i < list.size(); ++i) {
      at = gallop(at, created.end(), list.created(i));
      if (at == created.end()) return;
      if (*at != list.created(i)) continue;
      postings_.push_back({{ns, static_cast<std::uint32_t>(at - created.begin())}, list.counts(i)});
    }
  }

  // The first that is not less than `wanted`, in time that follows the distance to it.
  using Iterator = std::vector<Revision>::const_iterator;
  static Iterator gallop(Iterator from, Iterator end, Revision wanted) {
    std::ptrdiff_t step = 1;
    while (step < end - from && *(from + step) < wanted) {
      from += step;
      step *= 2;
    }
    return std::lower_bound(from, from + std::min(step + 1, end - from), wanted);
  }

  std::vector<PostingList> lists_;
  std::vector<SearchPosting> postings_;
};

std::int64_t micros_of(const RankedDocument& hit) noexcept { return std::llround(hit.score * 1e6); }

bool comes_after(const RankedDocument& hit, const std::optional<RankedPosition>& after) noexcept {
  const std::int64_t micros = micros_of(hit);
  if (!after || micros < after->micros) return true;
  return micros == after->micros && hit.created_revision < after->created_revision;
}

void expect(IndexView& view, const std::vector<RankedDocument>& hits) {
  std::vector<IndexView::Document> documents;
  documents.reserve(hits.size());
  for (const RankedDocument& hit : hits) {
    documents.push_back({hit.place.sequence, hit.created_revision});
  }
  view.expect_entries(documents);
}

// A page of the usual size, and whether there is more; then more of them.
constexpr std::size_t first_hits_at_once = SearchQuery::default_limit + 1;
constexpr std::size_t hits_at_once = 256;

}  // namespace

void search(const DocumentIndexer& indexer, const SearchRequest& request, IndexView& view,
            const RankedSink& sink, const Context& context) {
  const std::vector<std::string> terms = indexer.analyzer().query_terms(request.text);
  if (terms.empty()) return;
  view.prepare(terms);
  const Documents documents(view, indexer.config().fields.size());
  context.check();
  std::vector<PlacedPostings> placed;
  placed.reserve(terms.size());
  std::vector<TermPostings> postings;
  for (const std::string& term : terms) {
    const auto& found = placed.emplace_back(view, documents, term).postings();
    postings.push_back({term, found.size(), found});
    context.check();
  }

  const Ranker ranker(indexer.config());
  SearchRanking ranking = ranker.rank(postings, documents.statistics());
  const auto resolve = [&](SearchPlace place) -> std::optional<Revision> {
    if (!documents.has(place)) return std::nullopt;
    return documents.created(place);
  };
  const auto deliver = [&](const RankedDocument& hit) {
    const std::function<SearchExplanation()> explain = [&] {
      return ranker.explain(postings, documents.statistics(), hit.place);
    };
    bool goes_on = true;
    const bool found =
        view.read_entry(hit.place.sequence, hit.created_revision,
                        [&](const AddressView& address, const Record& record) {
                          goes_on = sink(RankedRow{address, record, micros_of(hit), explain});
                        });
    if (!found) {
      throw Error(ErrorCode::corruption,
                  "the search index has an entry that is not there; reindex mends it");
    }
    return goes_on;
  };
  for (std::size_t wanted = first_hits_at_once;; wanted = std::min(wanted * 4, hits_at_once)) {
    std::vector<RankedDocument> hits = ranking.take(wanted, resolve);
    if (hits.empty()) return;
    std::erase_if(hits,
                  [&](const RankedDocument& hit) { return !comes_after(hit, request.after); });
    expect(view, hits);
    if (!std::ranges::all_of(hits, deliver)) return;
  }
}

}  // namespace holdfast::search
