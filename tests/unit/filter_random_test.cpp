// Filters against an evaluator that knows nothing of Holdfast: it reads the JSON form of the
// filter with nlohmann::json and takes the contract's words one by one.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <random>
#include <string>
#include <string_view>

#include "holdfast/filter.hpp"
#include "plain_filter.hpp"

namespace holdfast {
namespace {

using nlohmann::json;

// The paths of this test are of keys joined by dots and of indexes below 10.
const json* naive_resolve(const json& value, std::string_view path) {
  const json* at = &value;
  while (!path.empty() && at != nullptr) {
    if (path.front() == '[') {
      const auto index = static_cast<std::size_t>(path[1] - '0');
      at = at->is_array() && index < at->size() ? &(*at)[index] : nullptr;
      path.remove_prefix(3);
      continue;
    }
    if (path.front() == '.') path.remove_prefix(1);
    const std::string key(path.substr(0, path.find_first_of(".[")));
    at = at->is_object() && at->contains(key) ? &at->at(key) : nullptr;
    path.remove_prefix(key.size());
  }
  return at;
}

bool naive_matches(const json& value, const json& filter) {
  const auto met = [&](const json& part) { return naive_matches(value, part); };
  for (const auto& [name, form] : filter.items()) {
    bool held = true;
    if (name == "$and") {
      held = std::all_of(form.begin(), form.end(), met);
    } else if (name == "$or") {
      held = std::any_of(form.begin(), form.end(), met);
    } else if (name == "$not") {
      held = !naive_matches(value, form);
    } else if (form.is_object() && !form.empty() && form.begin().key().starts_with('$')) {
      for (const auto& [op, operand] : form.items()) {
        held = held && plain::holds(naive_resolve(value, name), op, operand);
      }
    } else {
      held = plain::holds(naive_resolve(value, name), "$eq", form);
    }
    if (!held) return false;
  }
  return true;
}

// Draws from few scalars, keys and paths, so that values and filters meet often.
class Draw {
 public:
  explicit Draw(std::uint64_t seed) : random_(seed) {}

  json scalar() {
    static const std::array<json, 20> scalars{nullptr,
                                              true,
                                              false,
                                              0,
                                              1,
                                              2,
                                              -1,
                                              0.0,
                                              -0.0,
                                              1.0,
                                              1.5,
                                              std::int64_t{9007199254740992},
                                              std::int64_t{9007199254740993},
                                              9007199254740992.0,
                                              std::int64_t{9223372036854775807},
                                              9223372036854775808.0,
                                              "",
                                              "a",
                                              "a\nb\"n",
                                              "\n"};
    return scalars[below(scalars.size())];
  }

  json value(int depth) {
    const std::size_t shape = depth > 0 ? below(6) : 0;
    if (shape < 3) return scalar();
    json container = shape == 3 ? json::array() : json::object();
    for (std::size_t n = below(4); n > 0; --n) {
      if (shape == 3) {
        container.push_back(value(depth - 1));
      } else {
        container[key()] = value(depth - 1);
      }
    }
    return container;
  }

  json filter(int depth) {
    json form = json::object();
    for (std::size_t n = below(8) == 0 ? 2 : 1; n > 0; --n) {
      const std::size_t shape = depth > 0 ? below(8) : 7;
      if (shape < 2) {
        json parts = json::array();
        for (std::size_t m = below(4); m > 0; --m) parts.push_back(filter(depth - 1));
        form[shape == 0 ? "$and" : "$or"] = parts;
      } else if (shape == 2) {
        form["$not"] = filter(depth - 1);
      } else {
        form[path()] = condition();
      }
    }
    return form;
  }

 private:
  std::size_t below(std::size_t bound) { return random_() % bound; }

  std::string key() { return std::array<std::string, 3>{"a", "b", "c"}[below(3)]; }

  std::string path() {
    std::string path = below(6) == 0 ? "" : key();
    while (below(3) == 0) {
      path += below(2) == 0 || path.empty() ? "[" + std::to_string(below(3)) + "]" : "." + key();
    }
    return path;
  }

  json condition() {
    static const std::array<std::string, 10> operators{
        "$eq", "$ne", "$gt", "$gte", "$lt", "$lte", "$in", "$nin", "$exists", "$contains"};
    if (below(5) == 0) return value(2);
    json conditions = json::object();
    for (std::size_t n = below(4) == 0 ? 2 : 1; n > 0; --n) {
      const std::string& op = operators[below(operators.size())];
      conditions[op] = operand(op);
    }
    return conditions;
  }

  json operand(const std::string& op) {
    if (op == "$exists") return below(2) == 0;
    json drawn = json::array();
    if (op == "$in" || op == "$nin") {
      for (std::size_t n = below(4); n > 0; --n) drawn.push_back(value(1));
      return drawn;
    }
    drawn = value(1);
    if (op == "$eq" || op == "$ne" || op == "$contains") return drawn;
    while (!drawn.is_number() && !drawn.is_string()) drawn = scalar();
    return drawn;
  }

  std::mt19937_64 random_;
};

TEST(FilterRandom, AgreesWithAPlainEvaluator) {
  constexpr std::uint64_t seed = 20'260'417;
  Draw draw(seed);
  int met = 0;
  constexpr int rounds = 20'000;
  for (int round = 0; round < rounds; ++round) {
    const json value = draw.value(3);
    const json form = draw.filter(3);
    const bool expected = naive_matches(value, form);
    const Filter filter = Filter::parse(form.dump());
    const MemoryValue stored = MemoryValue::parse(value.dump());
    ASSERT_EQ(filter.matches(stored), expected)
        << "seed " << seed << " round " << round << ": " << form << " on " << value;
    const Filter again = Filter::parse(filter.to_value().json_text());
    ASSERT_EQ(again.matches(stored), expected) << "read back: " << form << " on " << value;
    ASSERT_EQ(again.to_value(), filter.to_value()) << form;
    met += expected ? 1 : 0;
  }
  EXPECT_GT(met, rounds / 10);
  EXPECT_LT(met, rounds * 9 / 10);
}

TEST(FilterRandom, EquivalenceAgreesWithAPlainOne) {
  constexpr std::uint64_t seed = 11;
  Draw draw(seed);
  int equal = 0;
  for (int round = 0; round < 50'000; ++round) {
    const json a = draw.value(2);
    const json b = draw.value(2);
    const bool expected = plain::equal(a, b);
    ASSERT_EQ(equivalent(MemoryValue::from_json(a), MemoryValue::from_json(b)), expected)
        << "seed " << seed << " round " << round << ": " << a << " and " << b;
    equal += expected ? 1 : 0;
  }
  EXPECT_GT(equal, 500);
}

}  // namespace
}  // namespace holdfast
