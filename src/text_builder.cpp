#include "text_builder.hpp"

#include <algorithm>
#include <cstdlib>
#include <new>
#include <utility>

#include "holdfast/error.hpp"

namespace holdfast {
namespace {

void free_block(const SharedBlock* block) noexcept { std::free(const_cast<SharedBlock*>(block)); }

}  // namespace

TextBuilder::~TextBuilder() { std::free(memory_); }

void TextBuilder::grow(std::size_t bytes) {
  if (bytes > max_size - size_) {
    throw Error(ErrorCode::resource_exhausted,
                "the text of a value would pass the largest size of 1 GiB");
  }
  const std::size_t wanted = size_ + bytes;
  const std::size_t capacity = std::max(wanted, std::min(capacity_ + capacity_ / 2, max_size));
  void* memory = std::realloc(memory_, sizeof(SharedBlock) + capacity);
  if (memory == nullptr) throw std::bad_alloc();
  memory_ = memory;
  text_ = static_cast<char*>(memory) + sizeof(SharedBlock);
  capacity_ = capacity;
}

/// Gives back room that is worth a call to the allocator; failing to shrink does no harm.
void TextBuilder::trim() noexcept {
  const std::size_t spare = capacity_ - size_;
  if (spare < 64 || spare < size_ / 8) return;
  void* memory = std::realloc(memory_, sizeof(SharedBlock) + size_);
  if (memory == nullptr) return;
  memory_ = memory;
  text_ = static_cast<char*>(memory) + sizeof(SharedBlock);
}

SharedText TextBuilder::finish() noexcept {
  if (memory_ == nullptr) return {};
  trim();
  auto* block = ::new (std::exchange(memory_, nullptr)) SharedBlock(&free_block);
  block->references.store(0, std::memory_order_relaxed);  // the handle below is the first
  const std::string_view text(std::exchange(text_, nullptr), std::exchange(size_, 0));
  capacity_ = 0;
  return SharedText::sharing(block, text);
}

}  // namespace holdfast
