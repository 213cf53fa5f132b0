// One randomised run: the same operations on a store and on the reference model.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "generators.hpp"
#include "holdfast/conformance/backend_under_test.hpp"
#include "holdfast/memory.hpp"
#include "random_filter.hpp"
#include "reference_model.hpp"

namespace holdfast::conformance {

// Pairs the model's revisions with the store's. Gaps do not matter, order and identity do.
class RevisionPairs {
 public:
  // Whether `real` can be what the store calls `model`, given all pairs before; remembers it.
  [[nodiscard]] bool agree(Revision model, Revision real);
  // The store's revision for one of the model's that was seen already.
  [[nodiscard]] std::optional<Revision> real(Revision model) const;
  [[nodiscard]] Revision greatest_real() const;

 private:
  std::map<Revision, Revision> pairs_{{0, 0}};
};

class RandomRun {
 public:
  RandomRun(const BackendUnderTest& backend, StoreRequest request,
            std::shared_ptr<ManualClock> clock, std::uint64_t seed);

  // Runs `operations` steps. What differs first, with the step; empty: nothing.
  [[nodiscard]] std::optional<std::string> run(std::size_t operations);

 private:
  struct Difference {
    std::string text;
  };
  using Place = ReferenceModel::Place;

  void step();
  void set();
  void read();
  void increment();
  void touch();
  void update();
  void batch();
  void transaction();
  void get_many();
  void query();
  void top();
  void count();
  void clear();
  void namespaces();
  void stats();
  void changes();
  void restore();
  void sweep();
  void move_clock();
  void reopen();

  // Writes to both and compares every result.
  void write(const WriteBatch& batch, bool as_single);
  void compare_result(const WriteResult& real, const WriteResult& expected);
  void compare_entry(const std::optional<Entry>& real, const std::optional<Record>& expected);
  void compare_record(const Record& real, const Record& expected);
  void compare_revision(Revision real, Revision expected);
  // Runs both; they have to fail alike or succeed alike. Whether they succeeded.
  bool both(const std::function<void()>& real, const std::function<void()>& expected);
  template <typename A, typename B>
  void expect_equal(const A& real, const B& expected, const char* what);

  [[nodiscard]] Timestamp now() const { return clock_->now(); }
  [[nodiscard]] std::size_t draw(std::size_t bound) { return below_bound(random_, bound); }
  [[nodiscard]] bool chance(std::size_t one_in) { return draw(one_in) == 0; }
  [[nodiscard]] Namespace random_namespace();
  [[nodiscard]] std::string random_key();
  [[nodiscard]] Place random_place();
  [[nodiscard]] Scope random_scope();
  [[nodiscard]] MemoryQuery random_query(RandomFilter& filter);
  [[nodiscard]] std::optional<Ttl> random_ttl();
  // A precondition in the store's revisions, or, for the same seed, in the model's.
  struct DrawnPrecondition {
    Precondition real;
    Precondition model;
  };
  [[nodiscard]] DrawnPrecondition random_precondition(const Place& place);
  // Adds one random operation to both batches.
  void add_random_op(WriteBatch& real, WriteBatch& model, bool single);

  const BackendUnderTest& backend_;
  StoreRequest request_;
  std::shared_ptr<ManualClock> clock_;
  std::mt19937_64 random_;
  Memory store_;
  ReferenceModel model_;
  RevisionPairs revisions_;
  Revision followed_ = 0;  // Where `changes` goes on.
  std::string doing_;      // The step's operation, for the message.
};

template <typename A, typename B>
void RandomRun::expect_equal(const A& real, const B& expected, const char* what) {
  if (real == expected) return;
  throw Difference{std::string(what) + " is " + testing::PrintToString(real) + ", expected " +
                   testing::PrintToString(expected)};
}

}  // namespace holdfast::conformance
