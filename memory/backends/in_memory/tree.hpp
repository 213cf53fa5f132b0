// Ordered sets of entry blocks through links inside the blocks: nothing is ever allocated, so
// that no change of an index can fail half way, and a block is found in its index in no time.
#pragma once

#include <cstdint>
#include <utility>

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

// The part that knows nothing of what the nodes are.
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
  void reset() noexcept { root_ = last_ = nullptr; }

 private:
  void rotate(TreeLink* node, bool to_the_left) noexcept;
  void put_in_place_of(TreeLink* node, TreeLink* with) noexcept;
  void balance_after_insert(TreeLink* node) noexcept;
  void balance_after_erase(TreeLink* node, TreeLink* parent) noexcept;

  TreeLink* root_ = nullptr;
  TreeLink* last_ = nullptr;  // Most insertions by revision come after it.
};

// A tree of `Item`s through their base class `Link` (derived from TreeLink), in the order of
// `Less`, a stateless function object. Equal items stay in the order of their insertion.
template <typename Item, typename Link, typename Less>
class Tree {
 public:
  [[nodiscard]] bool empty() const noexcept { return links_.root() == nullptr; }
  [[nodiscard]] Item* first() const noexcept { return item(links_.first()); }
  [[nodiscard]] Item* last() const noexcept { return item(links_.last()); }
  [[nodiscard]] static Item* next(Item* of) noexcept { return item(LinkTree::next(link(of))); }
  [[nodiscard]] static Item* previous(Item* of) noexcept {
    return item(LinkTree::previous(link(of)));
  }

  void insert(Item* added) noexcept {
    TreeLink* parent = links_.last();
    bool to_the_left = false;
    if (parent != nullptr && Less()(*added, *item(parent))) {
      for (TreeLink* node = links_.root(); node != nullptr;) {
        parent = node;
        to_the_left = Less()(*added, *item(node));
        node = to_the_left ? node->left : node->right;
      }
    }
    links_.insert(link(added), parent, to_the_left);
  }
  void erase(Item* gone) noexcept { links_.erase(link(gone)); }
  void replace(Item* old, Item* with) noexcept { links_.replace(link(old), link(with)); }
  void reset() noexcept { links_.reset(); }

  // The first item that `is_after` holds for, where it holds for all that follow one it holds for.
  template <typename Predicate>
  [[nodiscard]] Item* first_where(const Predicate& is_after) const noexcept {
    TreeLink* found = nullptr;
    for (TreeLink* node = links_.root(); node != nullptr;) {
      const bool holds = is_after(*item(node));
      if (holds) found = node;
      node = holds ? node->left : node->right;
    }
    return item(found);
  }
  // The last item before those.
  template <typename Predicate>
  [[nodiscard]] Item* last_before(const Predicate& is_after) const noexcept {
    TreeLink* found = nullptr;
    for (TreeLink* node = links_.root(); node != nullptr;) {
      const bool holds = is_after(*item(node));
      if (!holds) found = node;
      node = holds ? node->left : node->right;
    }
    return item(found);
  }

 private:
  [[nodiscard]] static Item* item(TreeLink* node) noexcept {
    return node == nullptr ? nullptr : static_cast<Item*>(static_cast<Link*>(node));
  }
  [[nodiscard]] static TreeLink* link(Item* of) noexcept { return static_cast<Link*>(of); }

  LinkTree links_;
};

}  // namespace holdfast::in_memory
