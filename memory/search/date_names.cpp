#include "date_names.hpp"

#include <unicode/dtfmtsym.h>
#include <unicode/locid.h>
#include <unicode/unistr.h>

#include <algorithm>
#include <chrono>
#include <string_view>

#include "holdfast/error.hpp"

namespace holdfast::search {
namespace {

struct LanguageCode {
  std::string_view language;  // As Snowball names it.
  const char* code;           // ISO 639.
};

constexpr auto language_codes = std::to_array<LanguageCode>({
    {"arabic", "ar"},     {"armenian", "hy"},  {"basque", "eu"},     {"catalan", "ca"},
    {"danish", "da"},     {"dutch", "nl"},     {"finnish", "fi"},    {"french", "fr"},
    {"german", "de"},     {"greek", "el"},     {"hindi", "hi"},      {"hungarian", "hu"},
    {"indonesian", "id"}, {"irish", "ga"},     {"italian", "it"},    {"lithuanian", "lt"},
    {"nepali", "ne"},     {"norwegian", "no"}, {"portuguese", "pt"}, {"romanian", "ro"},
    {"russian", "ru"},    {"serbian", "sr"},   {"spanish", "es"},    {"swedish", "sv"},
    {"tamil", "ta"},      {"turkish", "tr"},   {"yiddish", "yi"},
});

const char* code_of(std::string_view language) noexcept {
  const auto* found = std::find_if(language_codes.begin(), language_codes.end(),
                                   [&](const LanguageCode& each) {
                                     return each.language == language;
                                   });
  return found == language_codes.end() ? "en" : found->code;
}

template <std::size_t Size>
void copy_names(const icu::UnicodeString* names, std::int32_t count, std::int32_t first,
                std::array<std::string, Size>& to) {
  if (count < first + static_cast<std::int32_t>(Size)) {
    throw Error(ErrorCode::internal, "ICU gives too few names of months or days of the week");
  }
  names += first;
  for (std::size_t i = 0; i < Size; ++i) names[i].toUTF8String(to[i]);
}

}  // namespace

DateNames::DateNames(const std::string& language) {
  UErrorCode status = U_ZERO_ERROR;
  const icu::DateFormatSymbols symbols(icu::Locale(code_of(language)), status);
  if (U_FAILURE(status)) {
    throw Error(ErrorCode::internal, std::string("ICU: names of months: ") + u_errorName(status));
  }
  std::int32_t count = 0;
  const icu::UnicodeString* months = symbols.getMonths(count);
  copy_names(months, count, 0, months_);
  const icu::UnicodeString* weekdays = symbols.getWeekdays(count);
  copy_names(weekdays, count, 1, weekdays_);  // ICU counts them from 1.
}

std::string DateNames::words(Timestamp time) const {
  using namespace std::chrono;
  if (time < sys_days(year(1) / 1 / 1) || time >= sys_days(year(10000) / 1 / 1)) return {};
  const sys_days day = floor<days>(time);
  const year_month_day date(day);
  return weekdays_[weekday(day).c_encoding()] + ' ' +
         std::to_string(static_cast<unsigned>(date.day())) + ' ' +
         months_[static_cast<unsigned>(date.month()) - 1] + ' ' +
         std::to_string(static_cast<int>(date.year()));
}

}  // namespace holdfast::search
