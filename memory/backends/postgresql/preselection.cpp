#include "preselection.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string_view>
#include <utility>
#include <variant>

#include "document_sql.hpp"
#include "spellings.hpp"

namespace holdfast::postgresql {
namespace {

using Operator = Filter::Operator;
using Condition = Filter::Condition;
using Group = Filter::Group;

// Larger filters would be a burden to the server's planner (and 65,535 arguments its limit).
constexpr std::size_t added_arguments_max = 2000;
constexpr std::size_t lookups_one_by_one = 100;

// The stored value as JSON, once for all conditions, and within `with_text` the text of what lies
// at a condition's path.
constexpr std::string_view value_column = "e.value";
constexpr std::string_view document = "d.document";
constexpr std::string_view text = "t.text";

// From which side a condition in SQL bounds what a filter matches: all that matches meets it, or
// nothing else does.
enum class Bound { above, below };

Bound opposite(Bound bound) noexcept { return bound == Bound::above ? Bound::below : Bound::above; }

// Empty: there is none.
using Sql = std::optional<std::string>;

// Two-valued; `condition` may speak of `text`, which is NULL where nothing was found.
std::string with_text(const std::string& found, const std::string& condition) {
  return "COALESCE((SELECT " + condition + " FROM (SELECT " + found +
         "::text AS text OFFSET 0) AS t), FALSE)";
}

// The number that `text` stands for. The shortest decimal of a double stands in the same order to
// those of other doubles, and below 2^53 to integers, too; above, only its exact value does.
std::string number_in_text() {
  const std::string number(text);
  return "CASE WHEN " + number + " ~ '[.e]' AND abs(" + number +
         "::float8) >= 9007199254740992 AND " + number + "::float8 >= -9223372036854775808 AND " +
         number + "::float8 < 9223372036854775808 THEN " + number +
         "::float8::bigint::numeric ELSE " + number + "::numeric END";
}

// As `number_in_text` has it.
std::string exact_decimal(const MemoryValue& number) {
  constexpr double two_to_53 = 9007199254740992.0;
  constexpr double two_to_63 = 9223372036854775808.0;
  const auto real = number.get_if<double>();
  if (real && std::abs(*real) >= two_to_53 && *real >= -two_to_63 && *real < two_to_63) {
    return std::to_string(static_cast<std::int64_t>(*real));
  }
  return std::string(number.json_text());
}

std::string_view comparison_sign(Operator op) {
  switch (op) {
    case Operator::gt:
      return " > ";
    case Operator::gte:
      return " >= ";
    case Operator::lt:
      return " < ";
    default:
      return " <= ";
  }
}

// Whether values equal to one of this kind have one text.
bool has_one_spelling(const MemoryValue& operand) {
  const ValueKind kind = operand.kind();
  return kind == ValueKind::null || kind == ValueKind::boolean || kind == ValueKind::string ||
         kind == ValueKind::bytes;
}

// The elements of the operand of `in` and `nin`, or the operand itself.
std::vector<MemoryValue> choices_of(const Condition& condition) {
  if (condition.op != Operator::in && condition.op != Operator::nin) return {condition.operand};
  std::vector<MemoryValue> choices;
  for (const MemoryItem& item : condition.operand.items()) choices.push_back(item.value);
  return choices;
}

// The texts of what equals one of the choices, as they stand in documents.
std::optional<std::vector<std::string>> texts_of(const std::vector<MemoryValue>& choices) {
  std::vector<std::string> texts;
  for (const MemoryValue& choice : choices) {
    const auto spellings = spellings_of(choice);
    if (!spellings) return std::nullopt;
    for (const std::string& spelling : *spellings) {
      DocumentSpelling in_document = document_spelling(spelling);
      const bool is_changed = in_document.in_changed != spelling;
      texts.push_back(std::move(in_document.in_changed));
      if (in_document.in_unchanged && is_changed) texts.push_back(spelling);
    }
  }
  return texts;
}

class Translator {
 public:
  Translator(const std::vector<Path>& indexed_paths, std::size_t known_arguments)
      : indexed_paths_(indexed_paths), known_arguments_(known_arguments) {}

  // What the stored value is asked for, as a document.
  Sql conditions_of(const Filter& filter) {
    return bounded(filter, Bound::above, [this](const Condition& condition, Bound bound) {
      return leaf(condition, bound);
    });
  }

  // What is looked up in an index, or searched for in the text without reading it as JSON.
  Sql prefilter_of(const Filter& filter) {
    return bounded(filter, Bound::above, [this](const Condition& condition, Bound bound) {
      return bound == Bound::above ? quick_leaf(condition) : std::nullopt;
    });
  }

  [[nodiscard]] bool is_exact() const noexcept { return is_exact_; }
  std::vector<std::string> take_arguments() { return std::move(added_); }

 private:
  template <typename Leaf>
  Sql bounded(const Filter& filter, Bound bound, const Leaf& leaf) {
    if (const auto* condition = std::get_if<Condition>(&filter.node())) {
      return leaf(*condition, bound);
    }
    const auto& group = std::get<Group>(filter.node());
    if (group.kind != Group::Kind::none) {
      return joined(group.filters, group.kind == Group::Kind::all, bound, leaf);
    }
    const Sql met = joined(group.filters, false, opposite(bound), leaf);
    return met ? Sql("(NOT " + *met + ")") : std::nullopt;
  }

  // Of conditions that all have to be met, those that have no bound from above can be left out; of
  // those of which one suffices, the ones without a bound from below.
  template <typename Leaf>
  Sql joined(const std::vector<Filter>& filters, bool all, Bound bound, const Leaf& leaf) {
    if (filters.empty()) return all ? "TRUE" : "FALSE";
    const bool may_leave_out = all == (bound == Bound::above);
    const std::size_t arguments_before = added_.size();
    std::string sql;
    for (const Filter& filter : filters) {
      const Sql part = bounded(filter, bound, leaf);
      if (!part && !may_leave_out) {
        added_.resize(arguments_before);  // The server refuses those that no placeholder names.
        return std::nullopt;
      }
      if (!part) continue;
      if (!sql.empty()) sql += all ? " AND " : " OR ";
      sql += *part;
    }
    if (sql.empty()) return std::nullopt;
    return "(" + sql + ")";
  }

  Sql leaf(const Condition& condition, Bound bound) {
    if (!is_path_in_document(condition.path)) return unknown();
    switch (condition.op) {
      case Operator::eq:
      case Operator::in:
        return equality(condition);
      case Operator::ne:
      case Operator::nin: {
        const Sql equal = equality(condition);
        return equal ? Sql("(NOT " + *equal + ")") : std::nullopt;
      }
      case Operator::exists:
        return "(" + found(condition) +
               (condition.operand.get<bool>() ? " IS NOT NULL)" : " IS NULL)");
      case Operator::contains:
        return containment(condition, bound);
      case Operator::gt:
      case Operator::gte:
      case Operator::lt:
      case Operator::lte:
        break;
    }
    return order(condition, bound);
  }

  Sql equality(const Condition& condition) {
    const auto texts = texts_of(choices_of(condition));
    if (!texts) return unknown();
    return "COALESCE(" + found(condition) + "::text" + equals_one_of(*texts) + ", FALSE)";
  }

  Sql order(const Condition& condition, Bound bound) {
    const std::string sign(comparison_sign(condition.op));
    const std::string t(text);
    switch (condition.operand.kind()) {
      case ValueKind::string: {
        const std::string there = found(condition);
        const std::string operand = added(encoded_string(condition.operand.get<std::string>()));
        return with_text(there, "CASE WHEN starts_with(" + t + ", '\"') THEN (" + t +
                                    "::json #>> '{}') COLLATE \"C\"" + sign + operand +
                                    "::text COLLATE \"C\" ELSE FALSE END");
      }
      case ValueKind::bytes:
        // Whether they are in order is not asked: base64 has another order.
        if (bound == Bound::below) return unknown();
        is_exact_ = false;
        return with_text(found(condition), "starts_with(" + t + ", '{\"$bytes\":\"')");
      default: {
        const std::string there = found(condition);
        const std::string operand = added(exact_decimal(condition.operand));
        return with_text(there, "CASE WHEN " + t + " ~ '^[-0-9]' THEN (" + number_in_text() + ")" +
                                    sign + operand + "::numeric ELSE FALSE END");
      }
    }
  }

  Sql containment(const Condition& condition, Bound bound) {
    const auto texts = texts_of({condition.operand});
    if (!texts) return unknown();
    const std::string t(text);
    const bool is_string = condition.operand.kind() == ValueKind::string;
    const std::string part =
        is_string ? encoded_string(condition.operand.get<std::string>()) : std::string();
    // These can be found as the second of the two that stand for one.
    if (!part.empty() && part.front() >= '\x10' && part.front() <= '\x17') {
      if (bound == Bound::below) return unknown();
      is_exact_ = false;
    }
    const std::string there = found(condition);
    std::string sql = "CASE WHEN starts_with(" + t + ", '[') THEN EXISTS (SELECT FROM " +
                      "json_array_elements(" + t + "::json) AS x(element) WHERE x.element::text" +
                      equals_one_of(*texts) + ")";
    if (is_string) {
      sql += " WHEN starts_with(" + t + ", '\"') THEN strpos((" + t +
             "::json #>> '{}') COLLATE \"C\", " + added(part) + "::text) > 0";
    }
    return with_text(there, sql + " ELSE FALSE END");
  }

  Sql quick_leaf(const Condition& condition) {
    const bool is_equality = condition.op == Operator::eq || condition.op == Operator::in;
    if (is_equality && std::ranges::find(indexed_paths_, condition.path) != indexed_paths_.end()) {
      return lookup(condition);
    }
    const std::string needle = needed_text(condition);
    if (needle.empty()) return std::nullopt;
    return "(strpos(" + std::string(value_column) + ", " + added(needle) + "::text) > 0)";
  }

  Sql lookup(const Condition& condition) {
    const auto texts = texts_of(choices_of(condition));
    if (!texts) return std::nullopt;
    const std::string hash = index_expression(condition.path, value_column);
    if (texts->size() == 1) {
      return "(" + hash + " = hashtextextended(" + added(texts->front()) + "::text, 0))";
    }
    if (texts->size() > lookups_one_by_one) {
      return "(" + hash + " = ANY (ARRAY(SELECT hashtextextended(u.text, 0) FROM unnest(" +
             added_list(*texts) + "::text[]) AS u(text))))";
    }
    // The planner sees how many there are, and so that the index finds few.
    std::string hashes;
    for (const std::string& choice : *texts) {
      if (!hashes.empty()) hashes += ", ";
      hashes += "hashtextextended(" + added(choice) + "::text, 0)";
    }
    return "(" + hash + " = ANY (ARRAY[" + hashes + "]::bigint[]))";  // Of an empty $in, too.
  }

  // What stands somewhere in the stored text of every value that meets the condition: a search for
  // it costs a sixth of reading the text as JSON.
  static std::string needed_text(const Condition& condition) {
    const std::string operand(condition.operand.json_text());
    if (condition.op == Operator::contains && condition.operand.kind() == ValueKind::string) {
      return operand.substr(1, operand.size() - 2);
    }
    if (condition.op != Operator::eq || !has_one_spelling(condition.operand)) return {};
    const auto& steps = condition.path.steps();
    const auto* key = steps.empty() ? nullptr : std::get_if<std::string>(&steps.back());
    if (key == nullptr) return operand;
    return std::string(MemoryValue(*key).json_text()).append(":").append(operand);
  }

  std::string equals_one_of(const std::vector<std::string>& texts) {
    if (texts.size() == 1) return " = " + added(texts.front()) + "::text";
    return " = ANY (" + added_list(texts) + "::text[])";
  }

  // What lies at the condition's path, as JSON.
  std::string found(const Condition& condition) {
    const StepWriter as_arguments{
        [this](const std::vector<std::string>& keys) { return added_list(keys) + "::text[]"; },
        [this](const std::string& key) { return added(key) + "::text"; },
        [this](std::int64_t index) { return added(std::to_string(index)) + "::int"; }};
    return path_sql(std::string(document), condition.path, as_arguments);
  }

  std::string added_list(const std::vector<std::string>& texts) {
    ArrayText list;
    for (const std::string& element : texts) list.add(std::string_view(element));
    return added(list.take());
  }

  // The placeholder.
  std::string added(std::string argument) {
    added_.push_back(std::move(argument));
    return "$" + std::to_string(known_arguments_ + added_.size());
  }

  Sql unknown() {
    is_exact_ = false;
    return std::nullopt;
  }

  const std::vector<Path>& indexed_paths_;
  std::size_t known_arguments_;
  std::vector<std::string> added_;
  bool is_exact_ = true;
};

// The conditions on one document, which is read once for all of them.
std::string with_document(const std::string& conditions) {
  return "(SELECT " + conditions + " FROM (SELECT " + document_sql(value_column) +
         " AS document OFFSET 0) AS d)";
}

}  // namespace

Preselection preselection_of(const Filter& filter, const std::vector<Path>& indexed_paths,
                             Arguments& arguments) {
  if (filter.matches_everything()) return {"", true};
  Translator translator(indexed_paths, arguments.size());
  Sql sql = translator.prefilter_of(filter);
  const Sql conditions = translator.conditions_of(filter);
  std::vector<std::string> added = translator.take_arguments();
  if (added.size() > added_arguments_max) return {};
  if (conditions) sql = (sql ? *sql + " AND " : "") + with_document(*conditions);
  if (!sql) return {};
  for (std::string& argument : added) arguments.add(std::move(argument));
  return {"(" + *sql + ")", translator.is_exact()};
}

std::string index_expression(const Path& path, std::string_view column) {
  return "hashtextextended(" + path_sql(document_sql(column), path, literal_steps()) + "::text, 0)";
}

bool can_be_indexed(const Path& path) { return is_path_in_document(path); }

}  // namespace holdfast::postgresql
