// One randomised run: the same operations on a store and on the reference model.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "holdfast/conformance/backend_under_test.hpp"
#include "holdfast/conformance/random_inputs.hpp"
#include "holdfast/conformance/reference_model.hpp"
#include "holdfast/conformance/revision_pairs.hpp"
#include "holdfast/memory.hpp"

namespace holdfast::conformance {

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
  [[nodiscard]] std::size_t draw(std::size_t bound) { return inputs_.draw(bound); }
  [[nodiscard]] bool chance(std::size_t one_in) { return inputs_.chance(one_in); }
  // The precondition in the model's revisions, and in the store's.
  [[nodiscard]] Precondition in_model(const RandomOp& op) const;
  [[nodiscard]] Precondition in_store(const RandomOp& op) const;
  // Adds one random operation to both batches.
  void add_random_op(WriteBatch& real, WriteBatch& model, bool single);

  const BackendUnderTest& backend_;
  StoreRequest request_;
  std::shared_ptr<ManualClock> clock_;
  RandomInputs inputs_;
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
