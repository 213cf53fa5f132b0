// Blocks of an index: what is written comes back, and changes add up.
#include "search/document_changes.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "holdfast/error.hpp"
#include "search/block_codec.hpp"

namespace holdfast::search {
namespace {

// Blocks in the plainest form.
class Blocks final : public BlockSource {
 public:
  std::optional<Found> find(std::string_view term, Revision at) override {
    const auto found = terms_.find(term);
    if (found == terms_.end()) return std::nullopt;
    auto block = found->second.upper_bound(at);
    if (block != found->second.begin()) --block;
    Found result{{block->first, block->second}};
    if (++block != found->second.end()) result.next_first = block->first;
    return result;
  }

  void apply(const std::vector<BlockChange>& changes) {
    for (const BlockChange& change : changes) {
      auto& blocks = terms_[change.term];
      if (change.erased_first) {
        EXPECT_EQ(blocks.erase(*change.erased_first), 1U);
      }
      for (const IndexBlock& block : change.written) {
        EXPECT_TRUE(blocks.emplace(block.first, block.data).second);
      }
      if (blocks.empty()) terms_.erase(change.term);
    }
  }

  template <typename List>
  List read(std::string_view term, List list) const {
    const auto found = terms_.find(term);
    if (found == terms_.end()) return list;
    for (const auto& [first, data] : found->second) {
      const std::size_t before = list.size();
      decode(data, list);
      EXPECT_EQ(list.created(before), first);
      EXPECT_LE(list.size() - before, DocumentChanges::block_size);
    }
    return list;
  }
  [[nodiscard]] std::size_t blocks_of(std::string_view term) const {
    const auto found = terms_.find(term);
    return found == terms_.end() ? 0 : found->second.size();
  }
  [[nodiscard]] std::size_t terms() const { return terms_.size(); }

 private:
  std::map<std::string, std::map<Revision, std::string>, std::less<>> terms_;
};

IndexedDocument document(const std::vector<std::string>& terms) {
  IndexedDocument made;
  made.lengths = {static_cast<std::uint32_t>(terms.size()), 300};
  std::map<std::string, std::uint32_t> counts;
  for (const std::string& term : terms) ++counts[term];
  for (const auto& [term, count] : counts) {
    made.terms.push_back({term, {{0, count, 0, made.lengths[0]}, {1, 0, 200, 300}}});
  }
  return made;
}

void expect_holds(const Blocks& blocks, const std::map<Revision, IndexedDocument>& documents) {
  std::map<std::string, std::vector<std::pair<Revision, std::vector<FieldCount>>>> expected;
  const DocumentList list = blocks.read(documents_term, DocumentList(2));
  ASSERT_EQ(list.size(), documents.size());
  std::size_t i = 0;
  for (const auto& [created, each] : documents) {
    EXPECT_EQ(list.created(i), created);
    EXPECT_TRUE(std::ranges::equal(list.lengths(i++), each.lengths));
    for (const TermCounts& term : each.terms)
      expected[term.term].emplace_back(created, term.counts);
  }
  EXPECT_EQ(blocks.terms(), expected.size() + (documents.empty() ? 0 : 1));
  for (const auto& [term, postings] : expected) {
    const PostingList found = blocks.read(term, PostingList());
    ASSERT_EQ(found.size(), postings.size()) << term;
    for (std::size_t j = 0; j < postings.size(); ++j) {
      EXPECT_EQ(found.created(j), postings[j].first);
      EXPECT_TRUE(std::ranges::equal(found.counts(j), postings[j].second));
    }
  }
}

}  // namespace

TEST(DocumentChangesTest, AfterAnyChangesTheBlocksHoldTheDocuments) {
  std::mt19937 random(7);
  const auto draw = [&](std::size_t bound) { return static_cast<std::size_t>(random() % bound); };
  const std::vector<std::string> words = {"a", "b", "c", "d", "rare"};
  Blocks blocks;
  std::map<Revision, IndexedDocument> documents;
  Revision last = 0;
  for (int round = 0; round < 200; ++round) {
    DocumentChanges changes;
    for (std::size_t i = draw(round % 10 == 0 ? 400 : 8); i > 0; --i) {
      // Mostly at the end, sometimes in the middle or where one is.
      const Revision created =
          draw(4) != 0 || last == 0
              ? (last += 1 + static_cast<Revision>(draw(5)))
              : 1 + static_cast<Revision>(draw(static_cast<std::size_t>(last)));
      const auto old = documents.find(created);
      if (old != documents.end()) {
        changes.remove(created, old->second);
        documents.erase(old);
      }
      if (draw(5) == 0) continue;
      std::vector<std::string> terms;
      for (std::size_t j = draw(6); j > 0; --j) terms.push_back(words[draw(draw(9) == 0 ? 5 : 4)]);
      changes.put(created, documents[created] = document(terms));
    }
    blocks.apply(changes.plan(blocks));
  }
  expect_holds(blocks, documents);
  DocumentChanges all;
  for (const auto& [created, each] : documents) all.remove(created, each);
  blocks.apply(all.plan(blocks));
  EXPECT_EQ(blocks.terms(), 0U);
}

TEST(DocumentChangesTest, AppendingLeavesFullBlocksBehind) {
  Blocks blocks;
  for (Revision created = 1; created <= 1000; ++created) {
    DocumentChanges changes;
    changes.put(created, document({"a"}));
    blocks.apply(changes.plan(blocks));
  }
  EXPECT_EQ(blocks.blocks_of("a"), 8U);  // 1,000 / 128, rounded up.
}

TEST(DocumentChangesTest, WhatDoesNotChangeIsNotWritten) {
  Blocks blocks;
  DocumentChanges first;
  first.put(5, document({"a", "b"}));
  blocks.apply(first.plan(blocks));
  DocumentChanges same;
  same.remove(5, document({"a", "b"}));
  same.put(5, document({"a", "b"}));
  EXPECT_TRUE(same.plan(blocks).empty());
  DocumentChanges in_vain;
  in_vain.put(6, document({"c"}));
  in_vain.remove(6, document({"c"}));
  EXPECT_TRUE(in_vain.plan(blocks).empty());
  DocumentChanges one_word;
  one_word.remove(5, document({"a", "b"}));
  one_word.put(5, document({"a", "c"}));
  EXPECT_EQ(one_word.plan(blocks).size(), 2U);  // "b" goes, "c" comes.
}

TEST(BlockCodecTest, DamagedBlocksAreRefused) {
  PostingList list;
  list.add(700, std::vector<FieldCount>{{1, 2, 3, 4}});
  list.add(Revision{1} << 61, std::vector<FieldCount>{{0, 1, 0, 4'000'000'000U}});
  const std::string whole = encode(list, 0, 2);
  PostingList back;
  decode(whole, back);
  ASSERT_EQ(back.size(), 2U);
  EXPECT_EQ(back.created(1), Revision{1} << 61);
  EXPECT_EQ(back.counts(1)[0].length, 4'000'000'000U);
  const auto is_refused = [](std::string_view block) {
    PostingList to;
    DocumentList documents(1);
    bool refused = false;
    try {
      decode(block, to);
    } catch (const Error& error) {
      refused = error.code() == ErrorCode::corruption;
    }
    try {
      decode(block, documents);
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::corruption);
    }
    return refused;
  };
  EXPECT_TRUE(is_refused(std::string_view(whole).substr(0, whole.size() - 1)));
  EXPECT_TRUE(is_refused(std::string(1, '\0')));        // A revision that does not ascend.
  EXPECT_TRUE(is_refused(std::string(20, '\xff')));     // A number without an end.
  EXPECT_TRUE(is_refused("\x01\xff\xff\xff\xff\x7f"));  // More counts than there are.
  EXPECT_THROW(decode(whole, back), Error);             // Behind those that are there.
}

}  // namespace holdfast::search
