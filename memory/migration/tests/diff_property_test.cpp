// Comparing random stores, against a comparison of two maps.
#include <map>
#include <random>
#include <tuple>
#include <utility>
#include <vector>

#include "holdfast/diff.hpp"
#include "holdfast/digest.hpp"
#include "store_pair.hpp"

namespace holdfast::migration_tests {
namespace {

using std::chrono::milliseconds;

// Where a slash sorts among other characters, and a base ends, is where an order can go wrong.
const std::vector<std::string> awkward_segments{"a",  "a!", "a-b", "a/b", "b",
                                                "%2", "a0", " ",   "a\x7f", "ü"};
const std::vector<std::string> awkward_keys{"", "a", "a!", "a/b", "/", "\xf4\x8f\xbf\xbf"};

class RandomStores {
 public:
  explicit RandomStores(unsigned seed) : random_(seed) {}

  std::size_t below(std::size_t bound) {
    return std::uniform_int_distribution<std::size_t>(0, bound - 1)(random_);
  }
  Namespace namespace_below(Namespace base, std::size_t max_depth) {
    for (std::size_t depth = below(max_depth + 1); depth > 0; --depth) {
      base = base / awkward_segments[below(awkward_segments.size())];
    }
    return base;
  }
  const std::string& key() { return awkward_keys[below(awkward_keys.size())]; }

 private:
  std::mt19937 random_;
};

struct Plain {
  std::string value;
  std::optional<Timestamp> expires_at;
  Timestamp created_at;
  Timestamp updated_at;
};

// By the segments and key below the base, in the order of the canonical text.
using PlainStore = std::map<std::pair<std::string, std::string>, Plain>;

PlainStore plain(Memory& store, const Namespace& base) {
  PlainStore entries;
  store.scan({.scope = {base, true}}, [&](const ScanRow& row) {
    std::vector<std::string> segments = Namespace(row.address.ns).segments();
    segments.erase(segments.begin(), segments.begin() + static_cast<std::ptrdiff_t>(base.depth()));
    entries[{std::string(Namespace::of(segments).text()), std::string(row.address.key)}] = {
        std::string(row.record.value.json_text()), row.record.expires_at, row.record.created_at,
        row.record.updated_at};
    return true;
  });
  return entries;
}

std::string line(std::string_view kind, const std::pair<std::string, std::string>& at) {
  return std::string(kind) + " " + at.first + ":" + at.second;
}

// What a comparison must find, but for the order of insertion.
std::vector<std::string> naive_diff(const PlainStore& left, const PlainStore& right) {
  std::map<std::pair<std::string, std::string>, std::string> kinds;
  for (const auto& [at, entry] : left) {
    const auto other = right.find(at);
    if (other == right.end()) {
      kinds[at] = "only_left";
    } else if (entry.value != other->second.value) {
      kinds[at] = "value";
    } else if (entry.expires_at != other->second.expires_at) {
      kinds[at] = "deadline";
    } else if (std::tie(entry.created_at, entry.updated_at) !=
               std::tie(other->second.created_at, other->second.updated_at)) {
      kinds[at] = "times";
    }
  }
  for (const auto& [at, entry] : right) {
    if (!left.contains(at)) kinds[at] = "only_right";
  }
  std::vector<std::string> lines;
  for (const auto& [at, kind] : kinds) lines.push_back(line(kind, at));
  return lines;
}

class DiffProperty : public StorePairTest, public testing::WithParamInterface<unsigned> {
 protected:
  enum class Sides { same, other_order, different };

  void fill(RandomStores& random, const Namespace& left_base, const Namespace& right_base,
            Sides sides) {
    for (int i = 0; i < 150; ++i) {
      const Namespace left_ns = random.namespace_below(left_base, 3);
      std::vector<std::string> segments = left_ns.segments();
      Namespace right_ns = right_base;
      for (std::size_t depth = left_base.depth(); depth < segments.size(); ++depth) {
        right_ns = right_ns / segments[depth];
      }
      const std::string key = random.key();
      const std::size_t same_at_least = 6;
      const std::size_t dice = sides == Sides::different
                                   ? random.below(100)
                                   : same_at_least + random.below(100 - same_at_least);
      write(random, left_ns, right_ns, key, dice);
      if (random.below(4) == 0) tick();
    }
    std::vector<std::string> last{"first", "second"};
    for (const std::string& key : last) left_.set(left_base, key, 1);
    if (sides == Sides::other_order) std::swap(last.front(), last.back());
    for (const std::string& key : last) right_.set(right_base, key, 1);
  }
  // The first few numbers of the dice make a difference.
  void write(RandomStores& random, const Namespace& left_ns, const Namespace& right_ns,
             const std::string& key, std::size_t dice) {
    const auto value = static_cast<int>(random.below(3));
    SetOptions options;
    if (dice >= 90) options.ttl = Ttl(milliseconds(5 + dice));
    if (dice != 0) left_.set(left_ns, key, value, options);
    if (dice == 1) tick();
    if (dice == 2) options.ttl = Ttl(milliseconds(7));
    if (dice != 3) right_.set(right_ns, key, dice == 4 ? value + 1 : value, options);
    if (dice == 5) left_.erase(left_ns, key);
  }
};

TEST_P(DiffProperty, FindsWhatAComparisonOfMapsFinds) {
  RandomStores random(GetParam());
  const Namespace left_base = random.namespace_below({}, 2);
  const Namespace right_base = random.namespace_below({}, 2);
  const auto sides = static_cast<Sides>(GetParam() % 3);
  fill(random, left_base, right_base, sides);
  // Beside the subtrees, and not to be seen.
  if (!left_base.is_root()) left_.set(Namespace(std::string(left_base.text()) + "!"), "k", 1);

  std::vector<std::string> found;
  const DiffOptions options{.scope = {left_base, true}, .right_ns = right_base};
  const DiffSummary summary = diff(left_, right_, options, [&](const Difference& difference) {
    if (difference.kind == DifferenceKind::order) return true;
    const Entry& entry = difference.left ? *difference.left : *difference.right;
    const Namespace& base = difference.left ? left_base : right_base;
    std::vector<std::string> segments = entry.ns.segments();
    segments.erase(segments.begin(), segments.begin() + static_cast<std::ptrdiff_t>(base.depth()));
    const std::string ns(Namespace::of(segments).text());
    found.push_back(line(to_string(difference.kind), {ns, entry.key}));
    return true;
  });
  const PlainStore left = plain(left_, left_base);
  EXPECT_EQ(found, naive_diff(left, plain(right_, right_base)));
  EXPECT_EQ(summary.equal + summary.only_left + summary.different, left.size());
  EXPECT_EQ(summary.same(), sides == Sides::same);
  EXPECT_EQ(summary.same_order, sides != Sides::other_order);
  const bool same_digest = digest(left_, {.scope = {left_base, true}}).text ==
                           digest(right_, {.scope = {right_base, true}}).text;
  EXPECT_EQ(summary.same(), same_digest);
}

INSTANTIATE_TEST_SUITE_P(Seeds, DiffProperty, testing::Range(1U, 31U));

}  // namespace
}  // namespace holdfast::migration_tests
