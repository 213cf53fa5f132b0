#include "document_sql.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <utility>
#include <variant>

namespace holdfast::postgresql {
namespace {

// Only texts that hold this are changed.
constexpr std::string_view trigger = R"(\u000)";

// What is replaced by what, in this order. Once no backslash is escaped by another, each one left
// begins an escape. The canonical text writes \u00xx for what has no shorter escape: \u0000 to
// \u0007, and \u000b, \u000e and \u000f, which are put back.
constexpr std::array<std::pair<std::string_view, std::string_view>, 5> replacements{{
    {R"(\\)", R"(\u005c)"},
    {trigger, R"(\u0001\u001)"},
    {R"(\u0001\u001b)", R"(\u000b)"},
    {R"(\u0001\u001e)", R"(\u000e)"},
    {R"(\u0001\u001f)", R"(\u000f)"},
}};

// Read alike whatever standard_conforming_strings is.
std::string literal(std::string_view text) {
  std::string sql = "E'";
  for (const char c : text) {
    if (c == '\'' || c == '\\') sql += c;
    sql += c;
  }
  return sql += '\'';
}

std::string literals(const std::vector<std::string>& texts) {
  std::string sql = "ARRAY[";
  for (const std::string& text : texts) {
    if (sql.back() != '[') sql += ", ";
    sql += literal(text);
  }
  return sql += ']';
}

std::string with_replaced(std::string_view text, std::string_view part, std::string_view by) {
  std::string result;
  std::size_t from = 0;
  while (true) {
    const std::size_t at = text.find(part, from);
    result += text.substr(from, at - from);
    if (at == std::string_view::npos) return result;
    result += by;
    from = at + part.size();
  }
}

// The server takes a step that reads as a number for a list's index, too, in a text[].
bool may_read_as_index(const std::string& key) noexcept {
  constexpr std::string_view first_of_number = "0123456789+- \t\n\v\f\r";
  return !key.empty() && first_of_number.find(key.front()) != std::string_view::npos;
}

}  // namespace

std::string document_sql(std::string_view column) {
  const std::string value(column);
  std::string changed = value;
  for (const auto& [part, by] : replacements) {
    changed = "replace(" + changed + ", " + literal(part) + ", " + literal(by) + ")";
  }
  return "(CASE WHEN strpos(" + value + ", " + literal(trigger) + ") = 0 THEN " + value + " ELSE " +
         changed + " END)::json";
}

std::string encoded_string(std::string_view plain) {
  std::string encoded;
  for (const char c : plain) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte <= 0x07) encoded += '\x01';
    encoded += byte <= 0x07 ? static_cast<char>(byte + 0x10) : c;
  }
  return encoded;
}

DocumentSpelling document_spelling(std::string_view json) {
  DocumentSpelling spelling{std::string(json), json.find(trigger) == std::string_view::npos};
  for (const auto& [part, by] : replacements) {
    spelling.in_changed = with_replaced(spelling.in_changed, part, by);
  }
  return spelling;
}

bool is_path_in_document(const Path& path) {
  return std::ranges::none_of(path.steps(), [](const Path::Step& step) {
    const auto* key = std::get_if<std::string>(&step);
    return key != nullptr && (*key == "$bytes" || *key == "$map");
  });
}

std::string path_sql(std::string document, const Path& path, const StepWriter& writer) {
  std::string sql = std::move(document);
  std::vector<std::string> keys;  // Of the steps not written yet.
  const auto write_keys = [&] {
    if (!keys.empty()) sql = "(" + sql + " #> " + writer.keys(std::exchange(keys, {})) + ")";
  };
  for (const Path::Step& step : path.steps()) {
    if (const auto* key = std::get_if<std::string>(&step)) {
      if (!may_read_as_index(*key)) {
        keys.push_back(encoded_string(*key));
        continue;
      }
      write_keys();
      sql = "(" + sql + " -> " + writer.key(encoded_string(*key)) + ")";
      continue;
    }
    // No list is as long as an int can count.
    constexpr std::size_t index_max = std::numeric_limits<std::int32_t>::max();
    const std::size_t index = std::min(std::get<std::size_t>(step), index_max);
    write_keys();
    sql = "(" + sql + " -> " + writer.index(static_cast<std::int64_t>(index)) + ")";
  }
  write_keys();
  return sql;
}

StepWriter literal_steps() {
  return {literals, literal, [](std::int64_t index) { return std::to_string(index); }};
}

}  // namespace holdfast::postgresql
