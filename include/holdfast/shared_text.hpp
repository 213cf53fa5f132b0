/// @file
/// Immutable text in a reference-counted block, the ground under values and namespaces.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>

namespace holdfast {

/// The head of a block of memory that handles share. A store may embed it in a larger block of
/// its own; `destroy` then frees that block when the last handle lets go.
struct SharedBlock {
  using Destroy = void (*)(const SharedBlock*) noexcept;

  explicit SharedBlock(Destroy destroy_block) noexcept : destroy(destroy_block) {}

  void retain() const noexcept { references.fetch_add(1, std::memory_order_relaxed); }
  void release() const noexcept {
    if (references.fetch_sub(1, std::memory_order_acq_rel) == 1) destroy(this);
  }

  mutable std::atomic<std::uint32_t> references{1};
  Destroy destroy;
};

/// A view into immutable text that keeps the text alive. Copying costs one atomic increment, or
/// nothing for static text. Safe to copy and read from many threads.
class SharedText {
 public:
  SharedText() noexcept = default;
  /// Copies `text` into a block of its own. Throws `std::bad_alloc`.
  [[nodiscard]] static SharedText copy_of(std::string_view text);
  /// Refers to text that outlives every handle, such as a literal.
  [[nodiscard]] static SharedText of_static(std::string_view text) noexcept {
    return sharing(nullptr, text);
  }
  /// Shares `block`, adding a reference. `text` must live as long as the block.
  [[nodiscard]] static SharedText sharing(const SharedBlock* block,
                                          std::string_view text) noexcept {
    if (block != nullptr) block->retain();
    SharedText shared;
    shared.block_ = block;
    shared.text_ = text;
    return shared;
  }

  SharedText(const SharedText& other) noexcept : block_(other.block_), text_(other.text_) {
    if (block_ != nullptr) block_->retain();
  }
  SharedText(SharedText&& other) noexcept
      : block_(std::exchange(other.block_, nullptr)), text_(std::exchange(other.text_, {})) {}
  SharedText& operator=(SharedText other) noexcept {
    swap(other);
    return *this;
  }
  ~SharedText() {
    if (block_ != nullptr) block_->release();
  }
  void swap(SharedText& other) noexcept {
    std::swap(block_, other.block_);
    std::swap(text_, other.text_);
  }

  [[nodiscard]] std::string_view view() const noexcept { return text_; }
  /// The same block, seen through `part`, which must lie within `view()`.
  [[nodiscard]] SharedText narrowed_to(std::string_view part) const noexcept {
    return sharing(block_, part);
  }

 private:
  const SharedBlock* block_ = nullptr;
  std::string_view text_;
};

}  // namespace holdfast
