#include "holdfast/conformance/random_filter.hpp"

#include <algorithm>
#include <map>
#include <string>

#include "holdfast/conformance/random_text.hpp"

namespace holdfast::conformance {
namespace {

using Operator = Filter::Operator;

MemoryValue random_scalar(std::mt19937_64& random) {
  switch (below_bound(random, 9)) {
    case 0:
      return nullptr;
    case 1:
      return below_bound(random, 2) == 0;
    case 2:
      return static_cast<double>(below_bound(random, 8)) / 2.0;
    case 3:
      return std::string(below_bound(random, 3), 'x');
    case 4: {
      const Bytes bytes(below_bound(random, 3), std::byte{0x78});
      return MemoryValue::bytes(bytes);
    }
    case 5:
      return std::string(1, static_cast<char>('a' + below_bound(random, 4)));
    default:
      return static_cast<std::int64_t>(below_bound(random, 6)) - 1;
  }
}

MemoryValue random_list(std::mt19937_64& random) {
  std::vector<MemoryValue> elements;
  for (std::size_t i = below_bound(random, 4); i > 0; --i)
    elements.push_back(random_scalar(random));
  return MemoryValue::list(elements);
}

bool is_number(const MemoryValue& value) {
  return value.kind() == ValueKind::int64 || value.kind() == ValueKind::float64;
}

// All numbers drawn here are small, so that a double holds them.
double number_of(const MemoryValue& value) {
  if (value.kind() == ValueKind::float64) return value.get<double>();
  return static_cast<double>(value.get<std::int64_t>());
}

bool are_equal(const MemoryValue& a, const MemoryValue& b) {
  if (is_number(a) && is_number(b)) return number_of(a) == number_of(b);
  if (a.kind() != b.kind() || a.size() != b.size()) return false;
  if (a.kind() == ValueKind::list) {
    for (std::size_t i = 0; i < a.size(); ++i) {
      if (!are_equal(*a.at(i), *b.at(i))) return false;
    }
    return true;
  }
  if (a.kind() == ValueKind::map) {
    for (const MemoryItem& member : a.items()) {
      const auto other = b.find(member.key);
      if (!other || !are_equal(member.value, *other)) return false;
    }
    return true;
  }
  return a == b;
}

std::optional<MemoryValue> found(MemoryValue value, const std::vector<Path::Step>& path) {
  for (const Path::Step& step : path) {
    const auto* key = std::get_if<std::string>(&step);
    std::optional<MemoryValue> next =
        key != nullptr ? value.find(*key) : value.at(std::get<std::size_t>(step));
    if (!next) return std::nullopt;
    value = *next;
  }
  return value;
}

constexpr int no_order = 2;

// -1, 0, 1, or `no_order`.
int order_of(const MemoryValue& a, const MemoryValue& b) {
  const auto sign = [](const auto& x, const auto& y) { return x < y ? -1 : y < x ? 1 : 0; };
  if (is_number(a) && is_number(b)) return sign(number_of(a), number_of(b));
  if (a.kind() != b.kind()) return no_order;
  if (a.kind() == ValueKind::string) return sign(a.get<std::string>(), b.get<std::string>());
  if (a.kind() == ValueKind::bytes) return sign(a.get<Bytes>(), b.get<Bytes>());
  return no_order;
}

bool holds(const MemoryValue& list, const MemoryValue& element) {
  for (const MemoryItem& item : list.items()) {
    if (are_equal(item.value, element)) return true;
  }
  return false;
}

bool contains(const MemoryValue& value, const MemoryValue& operand) {
  if (value.kind() == ValueKind::list) return holds(value, operand);
  return value.kind() == ValueKind::string && operand.kind() == ValueKind::string &&
         value.get<std::string>().find(operand.get<std::string>()) != std::string::npos;
}

}  // namespace

MemoryValue random_value(std::mt19937_64& random) {
  switch (below_bound(random, 6)) {
    case 0:
      return random_list(random);
    case 1:
    case 2: {
      std::map<std::string, MemoryValue> members;
      for (const char* key : {"n", "s", "tags"}) {
        if (below_bound(random, 3) == 0) continue;
        members.emplace(key, key[0] == 't' ? random_list(random) : random_scalar(random));
      }
      const std::vector<MemoryValue::Member> list(members.begin(), members.end());
      return MemoryValue::map(list);
    }
    case 3:
      return std::string(below_bound(random, 3000), 'l');
    default:
      return random_scalar(random);
  }
}

RandomFilter RandomFilter::draw(std::mt19937_64& random, int depth) {
  RandomFilter filter;
  if (depth > 0 && below_bound(random, 3) == 0) {
    filter.kind_ = static_cast<Kind>(1 + below_bound(random, 3));
    const std::size_t parts = filter.kind_ == Kind::none ? 1 : below_bound(random, 4);
    for (std::size_t i = 0; i < parts; ++i) filter.parts_.push_back(draw(random, depth - 1));
    return filter;
  }
  filter.kind_ = Kind::condition;
  const std::vector<std::vector<Path::Step>> paths{{}, {"n"}, {"s"}, {"tags"}, {"tags", 0U}, {1U}};
  filter.path_ = paths[below_bound(random, paths.size())];
  filter.op_ = static_cast<Operator>(below_bound(random, 10));
  switch (filter.op_) {
    case Operator::in:
    case Operator::nin:
      filter.operand_ = random_list(random);
      break;
    case Operator::exists:
      filter.operand_ = below_bound(random, 2) == 0;
      break;
    case Operator::gt:
    case Operator::gte:
    case Operator::lt:
    case Operator::lte:
      do {
        filter.operand_ = random_scalar(random);
      } while (order_of(filter.operand_, filter.operand_) == no_order);
      break;
    default:
      filter.operand_ = random_value(random);
      break;
  }
  return filter;
}

Filter RandomFilter::filter() const {
  if (kind_ == Kind::condition) return Filter::where(Path(path_), op_, operand_);
  std::vector<Filter> parts;
  for (const RandomFilter& part : parts_) parts.push_back(part.filter());
  if (kind_ == Kind::all) return Filter::all_of(std::move(parts));
  if (kind_ == Kind::any) return Filter::any_of(std::move(parts));
  return Filter::none_of(std::move(parts.front()));
}

bool RandomFilter::is_met_by(const MemoryValue& value) const {
  const auto meets = [&](const RandomFilter& part) { return part.is_met_by(value); };
  switch (kind_) {
    case Kind::condition:
      return condition_is_met_by(value);
    case Kind::all:
      return std::ranges::all_of(parts_, meets);
    case Kind::any:
      return std::ranges::any_of(parts_, meets);
    case Kind::none:
      return std::ranges::none_of(parts_, meets);
  }
  return false;
}

bool RandomFilter::condition_is_met_by(const MemoryValue& value) const {
  const std::optional<MemoryValue> there = found(value, path_);
  const int order = there ? order_of(*there, operand_) : no_order;
  switch (op_) {
    case Operator::eq:
      return there && are_equal(*there, operand_);
    case Operator::ne:
      return !there || !are_equal(*there, operand_);
    case Operator::gt:
      return order == 1;
    case Operator::gte:
      return order == 0 || order == 1;
    case Operator::lt:
      return order == -1;
    case Operator::lte:
      return order == -1 || order == 0;
    case Operator::in:
      return there && holds(operand_, *there);
    case Operator::nin:
      return !there || !holds(operand_, *there);
    case Operator::exists:
      return there.has_value() == operand_.get<bool>();
    case Operator::contains:
      return there && contains(*there, operand_);
  }
  return false;
}

}  // namespace holdfast::conformance
