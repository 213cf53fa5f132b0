#include "search_model/reference_index.hpp"

#include <utility>

namespace holdfast::testing {

ReferenceIndex::ReferenceIndex(SearchConfig config)
    : indexer_(config), ranker_(std::move(config)), lengths_(indexer_.config().fields.size()) {}

void ReferenceIndex::put(SearchPlace place, Revision created_revision, const MemoryValue& value,
                         Timestamp created_at) {
  erase(place);
  if (indexer_.indexes_nothing()) return;
  IndexedDocument document = indexer_.index(value, created_at);
  for (const TermCounts& term : document.terms) postings_[term.term][place] = term.counts;
  for (std::size_t i = 0; i < lengths_.size(); ++i) lengths_[i] += document.lengths[i];
  documents_[place] = {created_revision, std::move(document)};
}

bool ReferenceIndex::erase(SearchPlace place) {
  const auto found = documents_.find(place);
  if (found == documents_.end()) return false;
  const IndexedDocument& document = found->second.indexed;
  for (const TermCounts& term : document.terms) {
    const auto of_term = postings_.find(term.term);
    of_term->second.erase(place);
    if (of_term->second.empty()) postings_.erase(of_term);
  }
  for (std::size_t i = 0; i < lengths_.size(); ++i) lengths_[i] -= document.lengths[i];
  documents_.erase(found);
  return true;
}

std::vector<RankedDocument> ReferenceIndex::search(std::string_view text, std::size_t count) const {
  const Query asked = query(text);
  return ranker_.rank(asked.arguments, statistics())
      .take(count, [&](SearchPlace place) -> std::optional<Revision> {
        const auto found = documents_.find(place);
        if (found == documents_.end()) return std::nullopt;
        return found->second.created_revision;
      });
}

SearchExplanation ReferenceIndex::explain(std::string_view text, SearchPlace place) const {
  const Query asked = query(text);
  return ranker_.explain(asked.arguments, statistics(), place);
}

ReferenceIndex::Query ReferenceIndex::query(std::string_view text) const {
  Query asked;
  asked.terms = indexer_.analyzer().query_terms(text);
  for (const std::string& term : asked.terms) {
    std::vector<SearchPosting>& postings = asked.postings.emplace_back();
    const auto found = postings_.find(term);
    if (found == postings_.end()) continue;
    for (const auto& [place, counts] : found->second) postings.push_back({place, counts});
  }
  for (std::size_t i = 0; i < asked.terms.size(); ++i) {
    asked.arguments.push_back({asked.terms[i], asked.postings[i].size(), asked.postings[i]});
  }
  return asked;
}

SearchStatistics ReferenceIndex::statistics() const { return {documents_.size(), lengths_}; }

}  // namespace holdfast::testing
