// Evidence recall, by LoCoMo's official scoring.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "locomo_file/locomo_file.hpp"

namespace holdfast::locomo {

inline constexpr std::array<std::size_t, 4> depths = {5, 10, 25, 50};

// What share of the evidence is among the first `depth` of `found`, each piece counted as often as
// it is named; 1 where there is none.
[[nodiscard]] double recall(const std::vector<std::string>& evidence,
                            const std::vector<std::string>& found, std::size_t depth);

// Means over questions, at each depth.
class Mean {
 public:
  void add(const std::vector<std::string>& evidence, const std::vector<std::string>& found);
  [[nodiscard]] std::size_t questions() const noexcept { return questions_; }
  [[nodiscard]] std::array<double, depths.size()> percent() const;

 private:
  std::array<double, depths.size()> sums_{};
  std::size_t questions_ = 0;
};

struct Report {
  Mean overall;
  std::map<std::int64_t, Mean> categories;
  std::map<std::string, Mean> conversations;
  std::vector<double> latencies_us;  // One for each question.
};

// Searches: the ids of the best turns of a conversation, best first.
using Search = std::function<std::vector<std::string>(const std::string& conversation,
                                                      const std::string& text, std::size_t count)>;

[[nodiscard]] Report measure(const std::vector<Question>& questions, const Search& search);

// The value that so many percent of the values do not pass; 0 of none.
[[nodiscard]] double percentile(std::vector<double> values, std::size_t percent);

}  // namespace holdfast::locomo
