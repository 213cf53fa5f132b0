// The search for an order of operations that explains their answers.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <unordered_set>
#include <vector>

#include "checker.hpp"

namespace holdfast::fault_tests {

// What a thread did comes in its order, so that a set of operations that could come first is a
// number for each thread. An operation in doubt is a thread of its own: it may come after what its
// thread did next.
class OrderSearch {
 public:
  OrderSearch(const State& initial, const std::vector<const Operation*>& operations,
              const Rules& rules);

  [[nodiscard]] Finding run();

 private:
  using Lane = std::vector<const Operation*>;
  struct Node {
    std::vector<std::uint16_t> done;  // For each lane, how many of its operations.
    State state;
    [[nodiscard]] friend bool operator==(const Node&, const Node&) = default;
  };
  struct NodeHash {
    [[nodiscard]] std::size_t operator()(const Node& node) const;
  };

  [[nodiscard]] const Operation* next_of(const Node& node, std::size_t lane) const;
  [[nodiscard]] bool is_finished(const Node& node) const;
  void expand(const Node& node);
  // Adds the nodes that begin with the lane's next operation. True: the last one added is enough,
  // as the operation changes nothing.
  bool try_next(const Node& node, std::size_t lane);
  bool try_next(const Node& node, std::size_t lane, Ms now);
  // Whether an operation that is to come has a revision that cannot come any more.
  [[nodiscard]] bool is_dead(const Node& node) const;
  void note_depth(const Node& node);
  [[nodiscard]] std::string report(const char* what) const;

  const State initial_;
  const Rules rules_;
  std::vector<const Operation*> operations_;
  std::vector<Lane> lanes_;
  std::vector<Node> open_;
  std::unordered_set<Node, NodeHash> seen_;
  Node deepest_;
  std::size_t depth_ = 0;
};

}  // namespace holdfast::fault_tests
