#include "holdfast/ranker.hpp"

#include <algorithm>
#include <utility>

#include "holdfast/error.hpp"
#include "score_window.hpp"
#include "search_ranking.hpp"
#include "weighing.hpp"

namespace holdfast {
namespace {

using namespace search;

// The postings of the documents from `reach` before `place` to `reach` after it.
std::span<const SearchPosting> around(std::span<const SearchPosting> postings, SearchPlace place,
                                      std::uint32_t reach) {
  const SearchPlace first{place.sequence, place.position - std::min(place.position, reach)};
  const SearchPlace last{place.sequence,
                         place.position + std::min(UINT32_MAX - place.position, reach)};
  const auto begin = std::ranges::lower_bound(postings, first, {}, &SearchPosting::place);
  const auto end = std::ranges::upper_bound(postings, last, {}, &SearchPosting::place);
  return {begin, end};
}

// Calls `sink` with each place that the terms reach and its score, ascending by place. The places
// are gone through once, a window at a time, every term adding its share in turn: so nothing is
// looked up by place, and what is worked on stays in the processor's nearest cache.
template <typename Sink>
void for_each_score(std::span<const TermPostings> terms, const Weighing& weighing,
                    const Sink& sink) {
  std::vector<TermSweep> sweeps;
  for (const TermPostings* term : in_order(terms)) {
    if (!term->postings.empty()) sweeps.emplace_back(*term, weighing);
  }
  ScoreWindow window(weighing);
  while (!sweeps.empty()) {
    window.move_to(std::ranges::min_element(sweeps, {}, &TermSweep::next)->next());
    bool some_done = false;
    for (TermSweep& sweep : sweeps) {
      sweep.add_to(window);
      some_done = some_done || sweep.is_done();
    }
    window.for_each(sink);
    if (some_done) std::erase_if(sweeps, [](const TermSweep& each) { return each.is_done(); });
  }
}

// Adds the parts of one posting, with their weights in place of scores.
void add_parts(SearchExplanation::Term& term, const Weighing& weighing,
               const SearchPosting& posting, int distance) {
  for (const FieldCount& count : posting.counts) {
    const TermWeight weight = weighing.weigh(count);
    const auto add = [&](const TermWeight& of, SentenceKind sentence) {
      const double reaching = weighing.reaching(of, distance);
      if (reaching > 0) term.parts.push_back({-distance, count.field, sentence, reaching});
    };
    add({weight.said, 0, weight.own_only}, SentenceKind::said);
    add({0, weight.asked, 0}, SentenceKind::asked);
  }
}

void explain_words(SearchExplanation::Term& term, const Weighing& weighing,
                   std::span<const SearchPosting> near, SearchPlace place,
                   std::uint64_t documents) {
  double weight = 0;
  for (const SearchPosting& posting : near) {
    const int distance = static_cast<int>(std::int64_t{place.position} - posting.place.position);
    weight += weighing.reaching(weighing.weigh(posting.counts), distance);
    add_parts(term, weighing, posting, distance);
  }
  if (!(weight > 0)) return;
  term.rarity = weighing.rarity(documents);
  term.score = weighing.score(term.rarity, weight);
  for (SearchExplanation::Part& part : term.parts) part.score = term.score * part.score / weight;
}

void explain_name(SearchExplanation::Term& term, const Weighing& weighing,
                  std::span<const SearchPosting> near, SearchPlace place) {
  for (const SearchPosting& posting : near) {
    if (posting.place != place) continue;
    for (const FieldCount& count : posting.counts) {
      const double score = weighing.name_score({&count, 1});
      if (score > 0) term.parts.push_back({0, count.field, SentenceKind::said, score});
    }
    term.score = weighing.name_score(posting.counts);
  }
}

}  // namespace

Ranker::Ranker(SearchConfig config) : config_((config.check(), std::move(config))) {}

SearchRanking Ranker::rank(std::span<const TermPostings> terms,
                           const SearchStatistics& statistics) const {
  const Weighing weighing(config_, statistics);
  std::vector<ScoredPlace> scored;
  for_each_score(terms, weighing, [&](SearchPlace place, double score) {
    const std::int64_t micros = to_micros(score);
    if (micros > 0) scored.push_back({micros, place});
  });
  return SearchRanking(std::make_unique<SearchRanking::State>(std::move(scored)));
}

SearchExplanation Ranker::explain(std::span<const TermPostings> terms,
                                  const SearchStatistics& statistics, SearchPlace place) const {
  const Weighing weighing(config_, statistics);
  SearchExplanation explanation;
  double score = 0;
  for (const TermPostings* each : in_order(terms)) {
    SearchExplanation::Term term;
    term.term = each->term;
    const auto near =
        around(each->postings, place, static_cast<std::uint32_t>(weighing.reach()));
    if (weighing.is_name(*each)) {
      explain_name(term, weighing, near, place);
    } else {
      explain_words(term, weighing, near, place, each->documents);
    }
    score += term.score;
    if (term.score > 0) explanation.terms.push_back(std::move(term));
  }
  explanation.score = from_micros(to_micros(score));
  return explanation;
}

}  // namespace holdfast
