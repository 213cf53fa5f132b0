#include "holdfast/shared_text.hpp"

#include "text_builder.hpp"

namespace holdfast {

SharedText SharedText::copy_of(std::string_view text) {
  if (text.empty()) return {};
  TextBuilder builder(text.size());
  builder.append(text);
  return builder.finish();
}

}  // namespace holdfast
