#include "holdfast/shared_text.hpp"

#include "text_builder.hpp"

namespace holdfast {

SharedText SharedText::copy_of(std::string_view text) {
  if (text.empty()) return {};
  TextBuilder builder(text.size());
  builder.append(text);
  return builder.finish();
}

SharedText SharedText::of_static(std::string_view text) noexcept { return sharing(nullptr, text); }

SharedText SharedText::sharing(const SharedBlock* block, std::string_view text) noexcept {
  SharedText shared;
  if (block != nullptr) block->retain();
  shared.block_ = block;
  shared.text_ = text;
  return shared;
}

}  // namespace holdfast
