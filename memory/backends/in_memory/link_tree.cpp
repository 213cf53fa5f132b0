// Red-black trees after Cormen, Leiserson, Rivest and Stein, "Introduction to Algorithms", with
// null links for the leaves.
#include "link_tree.hpp"

namespace holdfast::in_memory {
namespace {

bool is_red(const TreeLink* node) noexcept { return node != nullptr && node->is_red(); }

TreeLink*& child(TreeLink* node, bool to_the_left) noexcept {
  return to_the_left ? node->left : node->right;
}

}  // namespace

TreeLink* LinkTree::first() const noexcept {
  TreeLink* node = root_;
  while (node != nullptr && node->left != nullptr) node = node->left;
  return node;
}

TreeLink* LinkTree::next(TreeLink* node) noexcept {
  if (node->right != nullptr) {
    node = node->right;
    while (node->left != nullptr) node = node->left;
    return node;
  }
  TreeLink* parent = node->parent();
  while (parent != nullptr && parent->right == node) {
    node = parent;
    parent = node->parent();
  }
  return parent;
}

TreeLink* LinkTree::previous(TreeLink* node) noexcept {
  if (node->left != nullptr) {
    node = node->left;
    while (node->right != nullptr) node = node->right;
    return node;
  }
  TreeLink* parent = node->parent();
  while (parent != nullptr && parent->left == node) {
    node = parent;
    parent = node->parent();
  }
  return parent;
}

void LinkTree::insert(TreeLink* node, TreeLink* parent, bool to_the_left) noexcept {
  *node = TreeLink{};
  node->set_parent(parent);
  node->set_red(true);
  if (parent == nullptr) {
    root_ = last_ = node;
  } else {
    child(parent, to_the_left) = node;
    if (parent == last_ && !to_the_left) last_ = node;
  }
  balance_after_insert(node);
}

void LinkTree::erase(TreeLink* node) noexcept {
  if (node == last_) last_ = previous(node);
  TreeLink* moved_up = nullptr;
  TreeLink* parent = nullptr;
  bool lost_black = !node->is_red();
  if (node->left == nullptr || node->right == nullptr) {
    moved_up = node->left != nullptr ? node->left : node->right;
    parent = node->parent();
    put_in_place_of(node, moved_up);
  } else {
    TreeLink* successor = next(node);
    lost_black = !successor->is_red();
    moved_up = successor->right;
    parent = successor->parent();
    if (parent == node) {
      parent = successor;
    } else {
      put_in_place_of(successor, moved_up);
      successor->right = node->right;
      successor->right->set_parent(successor);
    }
    put_in_place_of(node, successor);
    successor->left = node->left;
    successor->left->set_parent(successor);
    successor->set_red(node->is_red());
  }
  if (lost_black) balance_after_erase(moved_up, parent);
}

void LinkTree::replace(TreeLink* node, TreeLink* with) noexcept {
  *with = *node;
  put_in_place_of(node, with);
  if (with->left != nullptr) with->left->set_parent(with);
  if (with->right != nullptr) with->right->set_parent(with);
  if (node == last_) last_ = with;
}

// Lets the parent of `node` point to `with` instead.
void LinkTree::put_in_place_of(TreeLink* node, TreeLink* with) noexcept {
  TreeLink* parent = node->parent();
  if (parent == nullptr) {
    root_ = with;
  } else {
    child(parent, parent->left == node) = with;
  }
  if (with != nullptr) with->set_parent(parent);
}

void LinkTree::rotate(TreeLink* node, bool to_the_left) noexcept {
  TreeLink* up = child(node, !to_the_left);
  TreeLink* middle = child(up, to_the_left);
  put_in_place_of(node, up);
  child(node, !to_the_left) = middle;
  if (middle != nullptr) middle->set_parent(node);
  child(up, to_the_left) = node;
  node->set_parent(up);
}

void LinkTree::balance_after_insert(TreeLink* node) noexcept {
  while (is_red(node->parent())) {
    TreeLink* parent = node->parent();
    TreeLink* grandparent = parent->parent();
    const bool left = grandparent->left == parent;
    TreeLink* uncle = child(grandparent, !left);
    if (is_red(uncle)) {
      parent->set_red(false);
      uncle->set_red(false);
      grandparent->set_red(true);
      node = grandparent;
      continue;
    }
    if (child(parent, !left) == node) {
      rotate(parent, left);
      parent = node;
    }
    parent->set_red(false);
    grandparent->set_red(true);
    rotate(grandparent, !left);
    break;
  }
  root_->set_red(false);
}

void LinkTree::balance_after_erase(TreeLink* node, TreeLink* parent) noexcept {
  while (node != root_ && !is_red(node)) {
    const bool left = parent->left == node;
    TreeLink* sibling = child(parent, !left);
    if (sibling->is_red()) {
      sibling->set_red(false);
      parent->set_red(true);
      rotate(parent, left);
      sibling = child(parent, !left);
    }
    if (!is_red(sibling->left) && !is_red(sibling->right)) {
      sibling->set_red(true);
      node = parent;
      parent = node->parent();
      continue;
    }
    if (!is_red(child(sibling, !left))) {
      child(sibling, left)->set_red(false);
      sibling->set_red(true);
      rotate(sibling, !left);
      sibling = child(parent, !left);
    }
    sibling->set_red(parent->is_red());
    parent->set_red(false);
    child(sibling, !left)->set_red(false);
    rotate(parent, left);
    node = root_;
    break;
  }
  if (node != nullptr) node->set_red(false);
}

}  // namespace holdfast::in_memory
