// The operators of filters once more, on nlohmann::json, taking the contract's words (clause 7.5)
// one by one.
#pragma once

#include <algorithm>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

namespace holdfast::plain {

// Exact for int64 and double alike where long double has 64 bits of mantissa.
inline std::optional<int> order(const nlohmann::json& a, const nlohmann::json& b) {
  const auto sign = [](const auto& x, const auto& y) { return x < y ? -1 : x > y ? 1 : 0; };
  if (a.is_number() && b.is_number()) {
    const auto number = [](const nlohmann::json& j) {
      return j.is_number_float() ? static_cast<long double>(j.get<double>())
                                 : static_cast<long double>(j.get<std::int64_t>());
    };
    return sign(number(a), number(b));
  }
  if (a.is_string() && b.is_string()) {
    return sign(a.get_ref<const std::string&>(), b.get_ref<const std::string&>());
  }
  if (a.is_binary() && b.is_binary()) return sign(a.get_binary(), b.get_binary());
  return std::nullopt;
}

inline bool equal(const nlohmann::json& a, const nlohmann::json& b) {
  if (a.is_number() || b.is_number()) return order(a, b) == 0;
  if (a.type() != b.type() || a.size() != b.size()) return false;
  if (a.is_array()) return std::equal(a.begin(), a.end(), b.begin(), equal);
  if (!a.is_object()) return a == b;
  return std::all_of(a.items().begin(), a.items().end(), [&](const auto& member) {
    return b.contains(member.key()) && equal(member.value(), b.at(member.key()));
  });
}

inline bool holds(const nlohmann::json* found, const std::string& op,
                  const nlohmann::json& operand) {
  if (op == "$ne") return !holds(found, "$eq", operand);
  if (op == "$nin") return !holds(found, "$in", operand);
  if (op == "$exists") return (found != nullptr) == operand.get<bool>();
  if (found == nullptr) return false;
  const auto equals_found = [&](const nlohmann::json& element) { return equal(*found, element); };
  const auto equals_operand = [&](const nlohmann::json& element) {
    return equal(element, operand);
  };
  if (op == "$eq") return equals_found(operand);
  if (op == "$in") return std::any_of(operand.begin(), operand.end(), equals_found);
  if (op == "$contains") {
    if (found->is_array()) return std::any_of(found->begin(), found->end(), equals_operand);
    return found->is_string() && operand.is_string() &&
           found->get<std::string>().find(operand.get<std::string>()) != std::string::npos;
  }
  const std::optional<int> side = order(*found, operand);
  if (!side) return false;
  if (op == "$gt") return *side > 0;
  if (op == "$gte") return *side >= 0;
  return op == "$lt" ? *side < 0 : *side <= 0;
}

}  // namespace holdfast::plain
