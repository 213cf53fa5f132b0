#include "recall.hpp"

#include <algorithm>
#include <chrono>

namespace holdfast::locomo {

double recall(const std::vector<std::string>& evidence, const std::vector<std::string>& found,
              std::size_t depth) {
  if (evidence.empty()) return 1;
  const auto end = found.begin() + static_cast<std::ptrdiff_t>(std::min(depth, found.size()));
  const auto hits = std::count_if(evidence.begin(), evidence.end(), [&](const std::string& id) {
    return std::find(found.begin(), end, id) != end;
  });
  return static_cast<double>(hits) / static_cast<double>(evidence.size());
}

void Mean::add(const std::vector<std::string>& evidence, const std::vector<std::string>& found) {
  for (std::size_t i = 0; i < depths.size(); ++i) sums_[i] += recall(evidence, found, depths[i]);
  ++questions_;
}

std::array<double, depths.size()> Mean::percent() const {
  std::array<double, depths.size()> percents{};
  if (questions_ == 0) return percents;
  for (std::size_t i = 0; i < depths.size(); ++i) {
    percents[i] = 100 * sums_[i] / static_cast<double>(questions_);
  }
  return percents;
}

Report measure(const std::vector<Question>& questions, const Search& search) {
  Report report;
  for (const Question& question : questions) {
    const auto start = std::chrono::steady_clock::now();
    const auto found = search(question.conversation, question.text, depths.back());
    const std::chrono::duration<double, std::micro> elapsed =
        std::chrono::steady_clock::now() - start;
    report.latencies_us.push_back(elapsed.count());
    for (Mean* mean : {&report.overall, &report.categories[question.category],
                       &report.conversations[question.conversation]}) {
      mean->add(question.evidence, found);
    }
  }
  return report;
}

double percentile(std::vector<double> values, std::size_t percent) {
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  const std::size_t rank = (values.size() * percent + 99) / 100;  // Counted from 1.
  return values[std::max<std::size_t>(rank, 1) - 1];
}

}  // namespace holdfast::locomo
