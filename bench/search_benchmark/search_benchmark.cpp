// What the parts of a search cost that every store has: making terms of a question, ranking the
// postings of 10,000 turns, and making an index's document of a turn. The reading of an index is no
// part of it: the postings lie in memory.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <holdfast/indexed_document.hpp>
#include <holdfast/ranker.hpp>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "support/synthetic_chat.hpp"

namespace {

using namespace holdfast;

constexpr std::uint32_t turns = 10'000;
constexpr Timestamp first_day{std::chrono::hours(24 * 19'000)};

MemoryValue message(const synthetic_chat::Turn& turn) {
  return MemoryValue::map({{"role", "user"}, {"name", turn.speaker}, {"content", turn.text}});
}

/// Postings as a store has read them: those of a term lie together, as do their counts.
class Index {
 public:
  Index() {
    synthetic_chat::Chat chat;
    statistics_.documents = turns;
    statistics_.lengths.resize(indexer_.config().fields.size());
    for (std::uint32_t i = 0; i < turns; ++i) {
      const auto document = indexer_.index(message(chat.next()), first_day + std::chrono::hours(i));
      for (const TermCounts& term : document.terms) {
        List& list = lists_[term.term];
        list.sizes.push_back({i, term.counts.size()});
        list.counts.insert(list.counts.end(), term.counts.begin(), term.counts.end());
      }
      for (std::size_t field = 0; field < document.lengths.size(); ++field) {
        statistics_.lengths[field] += document.lengths[field];
      }
    }
    for (auto& [term, list] : lists_) {
      std::size_t from = 0;
      for (const auto& [position, size] : list.sizes) {
        list.postings.push_back({{0, position}, {list.counts.data() + from, size}});
        from += size;
      }
    }
  }

  [[nodiscard]] std::vector<std::string> terms(const std::string& question) const {
    return indexer_.analyzer().query_terms(question);
  }
  [[nodiscard]] std::vector<TermPostings> postings(const std::vector<std::string>& terms) const {
    std::vector<TermPostings> all;
    for (const std::string& term : terms) {
      const List& list = lists_.at(term);
      all.push_back({term, list.postings.size(), list.postings});
    }
    return all;
  }
  [[nodiscard]] auto best(const std::vector<TermPostings>& terms, std::size_t count) const {
    return ranker_.rank(terms, statistics_)
        .take(count, [](SearchPlace place) -> std::optional<Revision> { return place.position; });
  }

 private:
  struct List {
    std::vector<std::pair<std::uint32_t, std::size_t>> sizes;  // Of counts, by position.
    std::vector<FieldCount> counts;
    std::vector<SearchPosting> postings;
  };

  DocumentIndexer indexer_{SearchConfig::conversation()};
  Ranker ranker_{SearchConfig::conversation()};
  std::map<std::string, List> lists_;
  SearchStatistics statistics_;
};

const Index& index() {
  static const Index made;
  return made;
}

/// Runs `run` with the numbers from 0 on, and gives the percentiles of its time beside the mean.
template <typename Run>
void measure(benchmark::State& state, const Run& run) {
  using Clock = std::chrono::steady_clock;
  (void)index();  // Made before the clock runs.
  std::vector<double> microseconds;
  std::size_t number = 0;
  for (auto _ : state) {
    const auto start = Clock::now();
    run(number++);
    microseconds.push_back(std::chrono::duration<double, std::micro>(Clock::now() - start).count());
  }
  std::sort(microseconds.begin(), microseconds.end());
  state.counters["p50_us"] = microseconds[microseconds.size() / 2];
  state.counters["p99_us"] = microseconds[microseconds.size() * 99 / 100];
}

void analyze_question(benchmark::State& state) {
  const auto questions = synthetic_chat::questions(static_cast<std::size_t>(state.range(0)));
  measure(state, [&](std::size_t i) {
    benchmark::DoNotOptimize(index().terms(questions[i % questions.size()]));
  });
}

/// Ranker::rank, and taking the best ten.
void rank_question(benchmark::State& state) {
  std::vector<std::vector<std::string>> terms;
  std::vector<std::vector<TermPostings>> postings;
  for (const auto& text : synthetic_chat::questions(static_cast<std::size_t>(state.range(0)))) {
    terms.push_back(index().terms(text));
  }
  for (const auto& each : terms) postings.push_back(index().postings(each));
  measure(state, [&](std::size_t i) {
    benchmark::DoNotOptimize(index().best(postings[i % postings.size()], 10));
  });
}

void index_message(benchmark::State& state, bool plain) {
  const DocumentIndexer indexer(SearchConfig::conversation());
  synthetic_chat::Chat chat(plain);
  std::vector<MemoryValue> messages;
  std::size_t characters = 0;
  for (int i = 0; i < 1'000; ++i) {
    const synthetic_chat::Turn turn = chat.next();
    characters += turn.text.size();
    messages.push_back(message(turn));
  }
  measure(state, [&](std::size_t i) {
    benchmark::DoNotOptimize(indexer.index(messages[i % messages.size()], first_day));
  });
  state.counters["bytes"] = static_cast<double>(characters / messages.size());
}

BENCHMARK(analyze_question)->Arg(5)->Arg(8)->Unit(benchmark::kMicrosecond);
BENCHMARK(rank_question)->Arg(5)->Arg(8)->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(index_message, ascii, true)->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(index_message, some_typographic, false)->Unit(benchmark::kMicrosecond);

}  // namespace
