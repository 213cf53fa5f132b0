/// @file
/// Random inputs of every operation, for tests that drive stores with one sequence of them.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "holdfast/conformance/random_filter.hpp"
#include "holdfast/conformance/random_text.hpp"
#include "holdfast/query.hpp"
#include "holdfast/write.hpp"

namespace holdfast::conformance {

/// What inputs are made of. A few of each, so that operations often meet at one address.
struct InputPool {
  std::vector<std::string> namespaces;  ///< Canonical.
  std::vector<std::string> keys;
  std::vector<std::string> patterns;
  std::function<MemoryValue(std::mt19937_64&)> value;

  /// Namespaces and keys that lie close to one another, and values of `random_value`.
  [[nodiscard]] static InputPool usual();
};

/// A precondition before the store is known in whose revisions it will be written.
enum class DrawnPrecondition : std::uint8_t {
  none,
  if_absent,
  if_present,
  if_current,  ///< The revision that lies there just before the operation.
  if_never,    ///< A revision that no store has given.
};

/// One operation of a batch, the same for any number of stores.
struct RandomOp {
  WriteOp::Kind kind = WriteOp::Kind::check;
  std::pair<std::string, std::string> place{};  ///< Canonical namespace, key.
  DrawnPrecondition drawn = DrawnPrecondition::none;
  OnUnmet on_unmet = OnUnmet::abort_batch;
  bool keep_ttl = false;
  bool return_previous = false;
  std::optional<Ttl> ttl{};
  std::int64_t delta = 0;
  MemoryValue value{};

  /// Appends it, with the precondition in the revisions of that batch's store.
  void add_to(WriteBatch& batch, const Precondition& precondition) const;
  [[nodiscard]] std::string text() const;  ///< Kind and place.
};

/// Draws inputs; for one seed the same everywhere.
class RandomInputs {
 public:
  using Place = std::pair<std::string, std::string>;  ///< Canonical namespace, key.
  /// No store gives it.
  static constexpr Revision never_given = std::int64_t{1} << 60;

  explicit RandomInputs(std::uint64_t seed, InputPool pool = InputPool::usual());

  [[nodiscard]] std::size_t draw(std::size_t bound) { return below_bound(random_, bound); }
  [[nodiscard]] bool chance(std::size_t one_in) { return draw(one_in) == 0; }
  [[nodiscard]] std::mt19937_64& engine() noexcept { return random_; }
  /// One of `choices`, whose members `weight` say how often.
  template <typename Choice, std::size_t Count>
  [[nodiscard]] const Choice& weighted(const std::array<Choice, Count>& choices);

  [[nodiscard]] Namespace ns();
  [[nodiscard]] std::string key();
  [[nodiscard]] Place place();
  [[nodiscard]] Scope scope();
  [[nodiscard]] MemoryValue value() { return pool_.value(random_); }
  [[nodiscard]] std::optional<Ttl> ttl();  ///< Of some milliseconds, or none.
  [[nodiscard]] std::int64_t delta();      ///< Small, or one that soon overflows.
  /// An operation of a batch, or (`single`) a set or erase.
  [[nodiscard]] RandomOp op(bool single);
  [[nodiscard]] std::vector<Address> addresses();  ///< For `get_many`; some stand twice.
  /// In pages of a few entries; its filter is that of `filter`, which is drawn too.
  [[nodiscard]] MemoryQuery query(Timestamp now, RandomFilter& filter);
  [[nodiscard]] NamespaceQuery namespace_query();
  /// Entries at different places, some with deadlines, some of them past.
  [[nodiscard]] std::vector<Entry> entries_to_restore(Timestamp now);

 private:
  [[nodiscard]] const std::string& one_of(const std::vector<std::string>& texts) {
    return texts[draw(texts.size())];
  }
  [[nodiscard]] DrawnPrecondition precondition();

  std::mt19937_64 random_;
  InputPool pool_;
};

template <typename Choice, std::size_t Count>
const Choice& RandomInputs::weighted(const std::array<Choice, Count>& choices) {
  std::size_t total = 0;
  for (const Choice& choice : choices) total += choice.weight;
  std::size_t drawn = draw(total);
  for (const Choice& choice : choices) {
    if (drawn < choice.weight) return choice;
    drawn -= choice.weight;
  }
  return choices.back();
}

}  // namespace holdfast::conformance
