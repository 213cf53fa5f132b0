#include "icu_words.hpp"

#include <string>

#include "holdfast/error.hpp"

namespace holdfast::search {

void check_icu(UErrorCode status, const char* what) {
  if (U_SUCCESS(status)) return;
  throw Error(ErrorCode::internal, std::string("ICU: ") + what + ": " + u_errorName(status));
}

void IcuWords::start(std::string_view text) {
  text_ = text;
  piece_ = {};
  UErrorCode status = U_ZERO_ERROR;
  utext_openUTF8(&unicode_, text.data(), static_cast<std::int64_t>(text.size()), &status);
  check_icu(status, "reading a text");
  iterator_->setText(&unicode_, status);
  check_icu(status, "word boundaries");
  start_ = static_cast<std::size_t>(iterator_->first());
}

}  // namespace holdfast::search
