#include "holdfast/filter.hpp"

#include <algorithm>
#include <string>

#include "filter_text.hpp"
#include "holdfast/error.hpp"
#include "text_search.hpp"
#include "value_compare.hpp"
#include "value_text.hpp"

namespace holdfast {

struct Filter::Node {
  std::variant<Group, Condition> content;
  std::size_t nodes = 1;
  std::size_t depth = 0;
  bool matches_everything = false;
  // What the canonical text of every value that meets this holds somewhere; empty: nothing known.
  std::string needed_text{};
};

namespace {

// Long paths would make a message unreadable.
std::string excerpt(std::string_view text) {
  constexpr std::size_t longest = 80;
  if (text.size() <= longest) return std::string(text);
  std::size_t end = longest;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80) --end;
  return std::string(text.substr(0, end)) + "...";
}

std::string_view operand_wanted(Filter::Operator op, ValueKind operand) noexcept {
  using enum Filter::Operator;
  switch (op) {
    case in:
    case nin:
      return operand == ValueKind::list ? "" : "a list";
    case exists:
      return operand == ValueKind::boolean ? "" : "true or false";
    case gt:
    case gte:
    case lt:
    case lte: {
      const bool ordered = operand == ValueKind::int64 || operand == ValueKind::float64 ||
                           operand == ValueKind::string || operand == ValueKind::bytes;
      return ordered ? "" : "a number, a string or bytes";
    }
    case eq:
    case ne:
    case contains:
      break;
  }
  return "";
}

bool has_one_spelling(ValueKind kind) noexcept {
  return kind == ValueKind::null || kind == ValueKind::boolean || kind == ValueKind::string ||
         kind == ValueKind::bytes;
}

// A search for this rules out most values without a walk through them. It holds for values of
// one spelling: what equals such an operand has the very same text, behind its key and a colon,
// and what contains a string has that string's text, escapes included, in its own.
std::string needed_text(const Filter::Condition& condition) {
  const std::string_view operand = condition.operand.json_text();
  if (condition.op == Filter::Operator::contains && condition.operand.kind() == ValueKind::string) {
    return std::string(operand.substr(1, operand.size() - 2));
  }
  if (condition.op != Filter::Operator::eq || !has_one_spelling(condition.operand.kind())) {
    return {};
  }
  const auto& steps = condition.path.steps();
  const auto* key = steps.empty() ? nullptr : std::get_if<std::string>(&steps.back());
  if (key == nullptr) return std::string(operand);
  return std::string(MemoryValue(*key).json_text()).append(":").append(operand);
}

bool has_equivalent_element(std::string_view list, std::string_view value) {
  if (value_text::kind_of(value) == ValueKind::string && !occurs_in(list, value)) return false;
  value_text::Walk walk(list);
  while (walk.next()) {
    if (equivalent_texts(walk.value(), value)) return true;
  }
  return false;
}

bool contains(const MemoryValue& value, const MemoryValue& part) {
  if (value.kind() == ValueKind::list) {
    return has_equivalent_element(value.json_text(), part.json_text());
  }
  return value.kind() == ValueKind::string && part.kind() == ValueKind::string &&
         contains_quoted(value.json_text(), part.json_text());
}

bool holds(Filter::Operator op, const MemoryValue& value, const MemoryValue& operand) {
  using enum Filter::Operator;
  const std::string_view a = value.json_text();
  const std::string_view b = operand.json_text();
  switch (op) {
    case eq:
      return equivalent_texts(a, b);
    case ne:
      return !equivalent_texts(a, b);
    case gt:
      return compare_texts(a, b) > 0;
    case gte:
      return compare_texts(a, b) >= 0;
    case lt:
      return compare_texts(a, b) < 0;
    case lte:
      return compare_texts(a, b) <= 0;
    case in:
      return has_equivalent_element(b, a);
    case nin:
      return !has_equivalent_element(b, a);
    case exists:
      return operand.get<bool>();
    case contains:
      return holdfast::contains(value, operand);
  }
  return false;
}

bool meets(const MemoryValue& value, const Filter::Condition& condition) {
  using enum Filter::Operator;
  const std::optional<MemoryValue> found = condition.path.resolve(value);
  if (found) return holds(condition.op, *found, condition.operand);
  return condition.op == ne || condition.op == nin ||
         (condition.op == exists && !condition.operand.get<bool>());
}

bool meets(const MemoryValue& value, const Filter::Group& group) {
  const auto met = [&](const Filter& filter) { return filter.matches(value); };
  switch (group.kind) {
    case Filter::Group::Kind::all:
      return std::ranges::all_of(group.filters, met);
    case Filter::Group::Kind::any:
      return std::ranges::any_of(group.filters, met);
    case Filter::Group::Kind::none:
      return std::ranges::none_of(group.filters, met);
  }
  return false;
}

}  // namespace

Filter::Filter() {
  static const std::shared_ptr<const Node> everything = grouped({}).node_;
  node_ = everything;
}

Filter Filter::where(Path path, Operator op, MemoryValue operand) {
  const std::string_view wanted = operand_wanted(op, operand.kind());
  if (!wanted.empty()) {
    throw_invalid_argument("filter: " + std::string(filter_text::name_of(op)) + " at \"" +
                           excerpt(path.text()) + "\" takes " + std::string(wanted) + ", not " +
                           std::string(to_string(operand.kind())));
  }
  Node node;
  Condition condition{std::move(path), op, std::move(operand)};
  node.needed_text = needed_text(condition);
  node.content = std::move(condition);
  return Filter(std::make_shared<const Node>(std::move(node)));
}

Filter Filter::grouped(Group group) {
  Node node;
  for (const Filter& filter : group.filters) {
    node.nodes += filter.node_->nodes;
    node.depth = std::max(node.depth, filter.node_->depth);
    if (node.nodes > max_nodes) {
      throw_invalid_argument("filter: over " + std::to_string(max_nodes) +
                             " conditions and groups, the most that is allowed; $in takes a list "
                             "of any length");
    }
  }
  if (++node.depth > max_depth) {
    throw_invalid_argument("filter: groups nest over " + std::to_string(max_depth) +
                           " deep, the most that is allowed");
  }
  node.matches_everything =
      group.kind == Group::Kind::all &&
      std::ranges::all_of(group.filters, [](const Filter& f) { return f.matches_everything(); });
  node.content = std::move(group);
  return Filter(std::make_shared<const Node>(std::move(node)));
}

Filter Filter::all_of(std::vector<Filter> filters) {
  return grouped({Group::Kind::all, std::move(filters)});
}

Filter Filter::any_of(std::vector<Filter> filters) {
  return grouped({Group::Kind::any, std::move(filters)});
}

Filter Filter::none_of(Filter filter) { return grouped({Group::Kind::none, {std::move(filter)}}); }

bool Filter::matches(const MemoryValue& value) const {
  if (!occurs_in(value.json_text(), node_->needed_text)) return false;
  return std::visit([&](const auto& content) { return meets(value, content); }, node_->content);
}

bool Filter::matches_everything() const noexcept { return node_->matches_everything; }

const std::variant<Filter::Group, Filter::Condition>& Filter::node() const noexcept {
  return node_->content;
}

}  // namespace holdfast
