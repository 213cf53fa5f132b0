// Days in words.
#pragma once

#include <array>
#include <string>

#include "holdfast/time.hpp"

namespace holdfast::search {

// The names of months and days of the week in a language of Snowball's, from ICU; English where ICU
// has none of that language. Immutable.
class DateNames {
 public:
  explicit DateNames(const std::string& language);

  // "Sunday 7 May 2023", by UTC; empty outside the years 1 to 9999.
  [[nodiscard]] std::string words(Timestamp time) const;

 private:
  std::array<std::string, 12> months_;
  std::array<std::string, 7> weekdays_;  // From Sunday.
};

}  // namespace holdfast::search
