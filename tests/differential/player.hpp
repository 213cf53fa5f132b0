// One of the stores, with what a caller remembers of it.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>

#include "answer.hpp"
#include "holdfast/conformance/random_inputs.hpp"
#include "holdfast/conformance/revision_pairs.hpp"
#include "holdfast/memory.hpp"
#include "stores.hpp"

namespace holdfast::differential {

// The limit for a value in every run: no random value is so long.
inline constexpr std::size_t max_value_bytes_here = 200'000;

class Player;

// One thing that every store is asked, with all that is random in it drawn before, so that steps
// can be repeated and left out.
struct Step {
  std::string text;
  std::function<void(Player&, Answer&)> perform{};
  std::chrono::milliseconds clock_moves{0};  // Before it.
  bool store_words_errors = false;           // So that their messages may differ.
};

// Revisions and cursors in it are the store's own: other stores have others.
class Player {
 public:
  Player(const StoreUnderTest& store, StoreRequest request);
  // On a store that another player has open; such a one does not open it again.
  Player(const StoreUnderTest& store, StoreRequest request, std::shared_ptr<Memory> memory);
  ~Player();
  Player(const Player&) = delete;
  Player& operator=(const Player&) = delete;

  [[nodiscard]] const std::string& name() const noexcept { return store_.name; }
  [[nodiscard]] Memory& memory() noexcept { return *memory_; }
  [[nodiscard]] const std::shared_ptr<Memory>& shared_memory() const noexcept { return memory_; }
  // What the step returns or throws.
  [[nodiscard]] Answer answer(const Step& step);
  // Closes the store and opens it again, where that is not a new one.
  void reopen();

  // Reads what lies at the operation's place, where its precondition asks for that.
  [[nodiscard]] Precondition precondition(const conformance::RandomOp& op);
  // Whether this store's answers told of a removal with this revision.
  [[nodiscard]] bool told_of_removal(Revision revision) const {
    return removals_.contains(revision);
  }
  [[nodiscard]] Revision greatest_revision() const noexcept { return greatest_revision_; }
  // Of this handle and those before it.
  [[nodiscard]] HandleCounters counters();

  conformance::RevisionPairs pairs;   // Of the reference's revisions with this store's.
  std::optional<MemoryQuery> walk{};  // A query whose next page has not been read.
  Revision followed = 0;              // Where `changes` goes on.

 private:
  const StoreUnderTest& store_;
  StoreRequest request_;
  std::shared_ptr<Memory> memory_;
  bool owns_ = true;
  HandleCounters earlier_{};
  std::set<Revision> removals_;
  Revision greatest_revision_ = 0;
};

}  // namespace holdfast::differential
