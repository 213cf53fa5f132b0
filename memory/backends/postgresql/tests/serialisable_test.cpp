// Batches and clears that wait for transactions of others in the middle of their work.
#include <future>

#include "schema.hpp"
#include "store_fixture.hpp"

namespace holdfast::postgresql {
namespace {

class Serialisable : public StoreTest {
 protected:
  Serialisable() : schema_(new_schema()), memory_(open(schema_)) {}

  // Another writer's transaction, in steps of its own.
  class Other {
   public:
    explicit Other(const std::string& schema) : schema_(schema) {
      sql_.run("SET lock_timeout = '200ms'");
      sql_.run("BEGIN");
    }
    void hold(const std::string& key) {
      run("SELECT FROM @schema@.entry WHERE key = '" + key + "' FOR UPDATE");
    }
    void set(const std::string& key) {
      run("UPDATE @schema@.entry SET value = '3', revision = nextval('@schema@.revision')"
          " WHERE key = '" +
          key + "'");
    }
    void make(const std::string& key) {
      run("INSERT INTO @schema@.entry SELECT 'ns', '" + key +
          "', r, r, 0, 0, NULL, 4, '3' FROM nextval('@schema@.revision') r");
      run("SELECT @schema@.add_tally('ns', 1, 4)");
    }
    void erase(const std::string& key) {
      run("DELETE FROM @schema@.entry WHERE key = '" + key + "'");
      run("SELECT @schema@.add_tally('ns', -1, -4)");
    }
    void commit() { sql_.run("COMMIT"); }
    void roll_back() { sql_.run("ROLLBACK"); }
    // Returns when somebody waits for this transaction.
    void wait_for_waiting() {
      const std::string process = sql_.run("SELECT pg_backend_pid()");
      Sql watching;
      wait_until([&] {
        return watching.run("SELECT count(*) FROM pg_stat_activity WHERE " + process +
                            " = ANY (pg_blocking_pids(pid))") != "0";
      });
    }

   private:
    void run(const std::string& statement) { sql_.run(in_schema(statement, schema_)); }

    const std::string schema_;
    Sql sql_;
  };

  const std::string schema_;
  Memory memory_;
};

TEST_F(Serialisable, WhatGoesWhileABatchWaitsIsNoAbsenceToRelyOn) {
  memory_.set("ns", "first", 1);
  memory_.set("ns", "second", 1);
  Other eraser(schema_);
  eraser.erase("first");
  Other maker(schema_);
  maker.hold("second");
  auto written = std::async(std::launch::async, [&] {
    WriteBatch batch;
    batch.check("ns", "first", Precondition::if_absent()).set("ns", "second", 2);
    return memory_.write(batch);
  });
  eraser.wait_for_waiting();
  eraser.commit();
  maker.wait_for_waiting();
  maker.set("second");
  maker.make("first");
  maker.commit();
  // It came after the maker, who made `first` and set `second` in one step.
  EXPECT_FALSE(written.get().applied);
  EXPECT_EQ(memory_.get("ns", "second"), MemoryValue(3));
}

TEST_F(Serialisable, ABatchWithoutConditionsErasesAndWritesAtOneMoment) {
  memory_.set("ns", "second", 1);
  Other maker(schema_);
  maker.hold("second");
  auto written = std::async(std::launch::async, [&] {
    WriteBatch batch;
    batch.erase("ns", "first").set("ns", "second", 2);
    return memory_.write(batch);
  });
  maker.wait_for_waiting();
  maker.set("second");
  // Where the batch holds that nothing lies there, each waits for the other, and one gives way.
  try {
    maker.make("first");
    maker.commit();
  } catch (const std::runtime_error&) {
    maker.roll_back();
  }
  EXPECT_TRUE(written.get().applied);
  EXPECT_EQ(memory_.get("ns", "first"), std::nullopt);
  EXPECT_EQ(memory_.get("ns", "second"), MemoryValue(2));
}

TEST_F(Serialisable, WhatIsPutInTheOldOnesPlaceInOneStepIsFound) {
  memory_.set("ns", "first", 1);
  Other other(schema_);
  other.erase("first");
  other.make("first");
  auto erased = std::async(std::launch::async, [&] { return memory_.erase("ns", "first"); });
  other.wait_for_waiting();
  other.commit();
  EXPECT_EQ(erased.get().status, WriteStatus::erased);
  EXPECT_EQ(memory_.get("ns", "first"), std::nullopt);
}

TEST_F(Serialisable, ClearFindsWhatIsPutInTheOldOnesPlace) {
  memory_.set("ns", "first", 1);
  Other other(schema_);
  other.erase("first");
  other.make("first");
  auto cleared = std::async(std::launch::async, [&] { return memory_.clear(Scope{"ns"}); });
  other.wait_for_waiting();
  other.commit();
  EXPECT_EQ(cleared.get(), 1U);
  EXPECT_EQ(memory_.get("ns", "first"), std::nullopt);
}

TEST_F(Serialisable, ClearTakesAllThatWasWrittenInOneStep) {
  memory_.set("ns", "second", 1);
  Other maker(schema_);
  maker.set("second");
  auto cleared = std::async(std::launch::async, [&] { return memory_.clear(Scope{"ns"}); });
  maker.wait_for_waiting();
  maker.make("first");
  maker.commit();
  EXPECT_EQ(cleared.get(), 2U);
  EXPECT_EQ(memory_.get("ns", "first"), std::nullopt);
}

}  // namespace
}  // namespace holdfast::postgresql
