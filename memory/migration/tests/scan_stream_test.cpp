// Scans read one entry at a time: what they deliver, how far they run ahead, and how they end.
#include "scan_stream.hpp"

#include <thread>
#include <vector>

#include "holdfast/error.hpp"
#include "page_stream.hpp"
#include "store_pair.hpp"

namespace holdfast::migration_tests {
namespace {

MemoryQuery everything() {
  MemoryQuery query;
  query.scope = {Namespace(), true};
  return query;
}

std::vector<Entry> all_of(EntrySource& source) {
  std::vector<Entry> entries;
  for (Entry entry; source.next(entry);) entries.push_back(entry);
  return entries;
}

std::vector<Entry> all_by_query(Memory& store, MemoryQuery query) {
  std::vector<Entry> entries;
  do {
    const Page page = store.query(query);
    entries.insert(entries.end(), page.entries.begin(), page.entries.end());
    query.cursor = page.cursor;
  } while (!query.cursor.empty());
  return entries;
}

template <typename Body>
ErrorCode code_thrown_by(const Body& body) {
  try {
    body();
  } catch (const Error& error) {
    return error.code();
  }
  ADD_FAILURE() << "no Error was thrown";
  return ErrorCode::internal;
}

class ConcurrentScanStream : public StorePairTest {
 protected:
  // More than the chunks of a stream hold.
  static constexpr int many =
      static_cast<int>((ScanStream::max_chunks + 3) * ScanStream::max_chunk_entries);

  ConcurrentScanStream() {
    for (int done = 0; done < many; done += 500) {
      WriteBatch batch;
      for (int i = done; i < done + 500; ++i) {
        batch.set("a/" + std::to_string(i % 3), "k" + std::to_string(many - i), i);
      }
      for (Memory* store : {&left_, &right_}) store->write(batch);
    }
  }
  void reopen_with_one_reader(std::chrono::milliseconds busy_timeout) {
    right_.close();
    SqliteOptions options = sqlite_options();
    options.readers = 1;
    options.busy_timeout = busy_timeout;
    right_ = open_sqlite(options);
  }
};

TEST_F(ConcurrentScanStream, DeliversWhatAQueryDoes) {
  for (Memory* store : {&left_, &right_}) {
    for (const OrderBy order : {OrderBy::key, OrderBy::created, OrderBy::updated}) {
      for (const bool keys_only : {false, true}) {
        MemoryQuery query = everything();
        query.order = order;
        query.keys_only = keys_only;
        query.filter = Filter::where("", Filter::Operator::gt, 700);
        query.limit = MemoryQuery::max_limit;
        ScanStream stream(*store, query);
        PageStream pages(*store, query);
        const auto expected = all_by_query(*store, query);
        EXPECT_EQ(all_of(stream), expected);
        EXPECT_EQ(all_of(pages), expected);
      }
    }
  }
}

TEST_F(ConcurrentScanStream, StaysAtItsEnd) {
  ScanStream nothing(left_, MemoryQuery{});
  PageStream no_pages(left_, MemoryQuery{});
  Entry entry;
  for (int i = 0; i < 3; ++i) {
    EXPECT_FALSE(nothing.next(entry));
    EXPECT_FALSE(no_pages.next(entry));
  }
}

TEST_F(ConcurrentScanStream, MayBeDroppedAtAnyPoint) {
  for (Memory* store : {&left_, &right_}) {
    for (const int taken : {0, 1, 1000, 1001, many - 1, many}) {
      ScanStream stream(*store, everything());
      Entry entry;
      for (int i = 0; i < taken; ++i) ASSERT_TRUE(stream.next(entry));
    }
    store->close();  // Waits for running calls: there are none.
  }
}

TEST_F(ConcurrentScanStream, ShowsTheStateOfOneInstantWhileOthersWrite) {
  ScanStream stream(right_, everything());
  Entry entry;
  ASSERT_TRUE(stream.next(entry));  // The scan has begun.
  right_.clear(Scope{"a/1"});
  right_.set("z", "late", 1);
  EXPECT_EQ(all_of(stream).size() + 1, static_cast<std::size_t>(many));
}

TEST_F(ConcurrentScanStream, LetsWritersOfAStoreInMemoryGoOnWhenDropped) {
  std::thread writer;
  {
    ScanStream stream(left_, everything());
    Entry entry;
    ASSERT_TRUE(stream.next(entry));
    writer = std::thread([&] { left_.set("b", "new", 1); });
  }
  writer.join();
  EXPECT_TRUE(left_.exists("b", "new"));
}

TEST_F(ConcurrentScanStream, FetchesOnlyAFewChunksAhead) {
  // Few entries, but more bytes than the chunks of a stream hold.
  const std::string large(ScanStream::max_chunk_bytes / 2, 'x');
  for (int i = 0; i < 20; ++i) right_.set("large", "k" + std::to_string(i), large);
  reopen_with_one_reader(std::chrono::milliseconds(100));
  for (const std::string ns : {"a", "large"}) {
    MemoryQuery query;
    query.scope = {ns, true};
    ScanStream stream(right_, query);
    Entry entry;
    ASSERT_TRUE(stream.next(entry));
    // Its scan cannot have come to its end, and so has the only reader.
    EXPECT_EQ(code_thrown_by([&] { (void)right_.get("a", "k"); }), ErrorCode::unavailable);
    const std::size_t rest = all_of(stream).size();
    EXPECT_EQ(rest + 1, right_.count(query));
  }
}

TEST_F(ConcurrentScanStream, ThrowsWhatTheScanThrewAfterTheEntriesBeforeIt) {
  MemoryQuery refused = everything();
  refused.cursor = "made up";
  ScanStream stream(left_, refused);
  Entry entry;
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(code_thrown_by([&] { stream.next(entry); }), ErrorCode::invalid_argument);
  }
}

TEST_F(ConcurrentScanStream, IsCancelledByItsCallersToken) {
  for (Memory* store : {&left_, &right_}) {
    std::stop_source stop;
    Context context;
    context.stop = stop.get_token();
    ScanStream stream(*store, everything(), context);
    Entry entry;
    ASSERT_TRUE(stream.next(entry));
    stop.request_stop();
    EXPECT_EQ(code_thrown_by([&] { all_of(stream); }), ErrorCode::cancelled);
  }
}

TEST_F(ConcurrentScanStream, EndsAtTheDeadlineThoughNobodyReads) {
  reopen_with_one_reader(std::chrono::minutes(1));
  for (Memory* store : {&left_, &right_}) {
    Context context;
    context.deadline = std::chrono::steady_clock::now() + std::chrono::milliseconds(100);
    ScanStream stream(*store, everything(), context);
    EXPECT_EQ(code_thrown_by([&] {
                Entry entry;
                if (!stream.next(entry)) return;
                // Both wait until the scan has let go of the store.
                store->set("b", "new", 1);
                EXPECT_TRUE(store->exists("b", "new"));
                all_of(stream);
              }),
              ErrorCode::deadline_exceeded);
  }
}

}  // namespace
}  // namespace holdfast::migration_tests
