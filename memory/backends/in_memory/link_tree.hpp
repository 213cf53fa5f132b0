// A balanced tree of nodes that hold their links themselves: nothing is ever allocated.
#pragma once

#include <cstdint>

namespace holdfast::in_memory {

// A node of a red-black tree. The colour lies in the lowest bit of the parent's address.
struct TreeLink {
  std::uintptr_t parent_and_colour = 0;
  TreeLink* left = nullptr;
  TreeLink* right = nullptr;

  [[nodiscard]] TreeLink* parent() const noexcept {
    return reinterpret_cast<TreeLink*>(parent_and_colour & ~std::uintptr_t{1});
  }
  [[nodiscard]] bool is_red() const noexcept { return (parent_and_colour & 1) != 0; }
  void set_parent(TreeLink* parent) noexcept {
    parent_and_colour = reinterpret_cast<std::uintptr_t>(parent) | (parent_and_colour & 1);
  }
  void set_red(bool red) noexcept {
    parent_and_colour = (parent_and_colour & ~std::uintptr_t{1}) | (red ? 1U : 0U);
  }
};

// It knows nothing of what the nodes are, nor of their order.
class LinkTree {
 public:
  [[nodiscard]] TreeLink* root() const noexcept { return root_; }
  [[nodiscard]] TreeLink* last() const noexcept { return last_; }
  [[nodiscard]] TreeLink* first() const noexcept;
  [[nodiscard]] static TreeLink* next(TreeLink* node) noexcept;
  [[nodiscard]] static TreeLink* previous(TreeLink* node) noexcept;

  // Hangs `node` below `parent` (null: an empty tree), on the side given, where there is room.
  void insert(TreeLink* node, TreeLink* parent, bool to_the_left) noexcept;
  void erase(TreeLink* node) noexcept;
  // Puts `with`, which sorts the same, into the place of `node`.
  void replace(TreeLink* node, TreeLink* with) noexcept;

 private:
  void rotate(TreeLink* node, bool to_the_left) noexcept;
  void put_in_place_of(TreeLink* node, TreeLink* with) noexcept;
  void balance_after_insert(TreeLink* node) noexcept;
  void balance_after_erase(TreeLink* node, TreeLink* parent) noexcept;

  TreeLink* root_ = nullptr;
  TreeLink* last_ = nullptr;  // Most insertions come after it.
};

}  // namespace holdfast::in_memory
