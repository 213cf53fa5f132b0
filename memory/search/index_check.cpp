#include "index_check.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace holdfast::search {
namespace {

template <typename List>
bool equal_at(const List& a, std::size_t i, const List& b, std::size_t j) {
  if constexpr (std::is_same_v<List, DocumentList>) {
    return std::ranges::equal(a.lengths(i), b.lengths(j));
  } else {
    return std::ranges::equal(a.counts(i), b.counts(j));
  }
}

// What differs, as a text for people; empty: nothing does.
template <typename List>
std::string difference(const List& expected, const List& found) {
  std::size_t missing = 0;
  std::size_t wrong = 0;
  std::size_t matched = 0;
  std::size_t j = 0;
  for (std::size_t i = 0; i < expected.size(); ++i) {
    while (j < found.size() && found.created(j) < expected.created(i)) ++j;
    if (j == found.size() || found.created(j) != expected.created(i)) {
      ++missing;
      continue;
    }
    ++matched;
    if (!equal_at(expected, i, found, j)) ++wrong;
  }
  std::string text;
  const auto say = [&](std::size_t count, std::string_view what) {
    if (count == 0) return;
    text += (text.empty() ? "" : ", ") + std::to_string(count) + std::string(what);
  };
  say(missing, " missing");
  say(wrong, " wrong");
  say(found.size() - matched, " of no entry");
  return text;
}

}  // namespace

IndexCheck::IndexCheck(const DocumentIndexer& indexer, std::string_view ns, SearchCheck& report)
    : indexer_(indexer), ns_(ns), report_(report), documents_(indexer.config().fields.size()) {}

void IndexCheck::expect(const Record& record) {
  const IndexedDocument document = indexer_.index(record.value, record.created_at);
  documents_.add(record.created_revision, document.lengths);
  for (const TermCounts& term : document.terms) {
    postings_[term.term].add(record.created_revision, term.counts);
  }
  const SearchConfig& config = indexer_.config();
  if (config.embedding && !config.text_to_embed(record.value).empty()) {
    embedded_.push_back(record.created_revision);
  }
  ++report_.documents;
}

void IndexCheck::compare_vectors(std::span<const Revision> found) {
  std::vector<Revision> missing;
  std::vector<Revision> orphaned;
  std::ranges::set_difference(embedded_, found, std::back_inserter(missing));
  std::ranges::set_difference(found, embedded_, std::back_inserter(orphaned));
  if (missing.empty() && orphaned.empty()) return;
  report("vectors: " + std::to_string(missing.size()) + " neither there nor awaited, " +
         std::to_string(orphaned.size()) + " of no entry");
}

void IndexCheck::compare_documents(const DocumentList& found) {
  const std::string text = difference(documents_, found);
  if (!text.empty()) report("documents: " + text);
}

void IndexCheck::compare_postings(std::string_view term, const PostingList& found) {
  const auto expected = postings_.find(term);
  const PostingList none;
  const std::string text = difference(expected == postings_.end() ? none : expected->second, found);
  if (!text.empty()) report("postings of \"" + std::string(term) + "\": " + text);
  if (expected != postings_.end()) postings_.erase(expected);
}

void IndexCheck::finish() {
  for (const auto& [term, expected] : postings_) {
    report("postings of \"" + term + "\": " + difference(expected, PostingList()));
  }
}

void IndexCheck::report(std::string problem) {
  if (report_.problems.size() >= max_problems) return;
  report_.problems.push_back("namespace \"" + ns_ + "\": " + std::move(problem));
}

}  // namespace holdfast::search
