#include "connection_string.hpp"

#include <libpq-fe.h>

#include <algorithm>
#include <array>
#include <memory>
#include <new>
#include <utility>

#include "holdfast/error.hpp"

namespace holdfast::postgresql {

namespace {

using ParsedOptions = std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)>;

// Null for text that libpq refuses. Its words are dropped: they repeat parts of the text.
ParsedOptions parse(const std::string& text) {
  char* words = nullptr;
  ParsedOptions options(PQconninfoParse(text.c_str(), &words), &PQconninfoFree);
  if (options == nullptr && words == nullptr) throw std::bad_alloc();
  PQfreemem(words);
  return options;
}

bool is_uri(std::string_view text) {
  return text.starts_with("postgresql://") || text.starts_with("postgres://");
}

// libpq takes a URI whose password holds an unescaped '@', '/' or '?' for one with another host,
// database or parameter, which then stands in messages, and with it a part of the password.
void check_unambiguous(std::string_view uri) {
  const std::string_view rest = uri.substr(uri.find("//") + 2);
  const std::string_view authority = rest.substr(0, rest.find('/'));
  const std::string_view before_query = rest.substr(0, rest.find('?'));
  const std::size_t at = authority.rfind('@');
  if (std::count(authority.begin(), authority.end(), '@') > 1 ||
      before_query.find('@', authority.size()) != std::string_view::npos ||
      (at != std::string_view::npos &&
       authority.substr(0, at).find('?') != std::string_view::npos)) {
    throw_invalid_argument(
        "a connection URI with an '@', '/' or '?' that can be read in several ways: in a user's "
        "name "
        "or a password '@' is written %40, '/' is written %2F, and '?' is written %3F");
  }
}

std::string quoted(std::string_view value) {
  std::string text = "'";
  for (const char c : value) {
    if (c == '\'' || c == '\\') text += '\\';
    text += c;
  }
  return text += '\'';
}

}  // namespace

ConnectionString::ConnectionString(std::string_view text) {
  if (text.find('\0') != std::string_view::npos) {
    throw_invalid_argument("a connection string that holds U+0000");
  }
  if (is_uri(text)) check_unambiguous(text);
  const ParsedOptions options = parse(std::string(text));
  if (options == nullptr) {
    throw_invalid_argument(
        "a connection string that libpq cannot read (it is not repeated here, as it may hold a "
        "password): expected is postgresql://user@host:port/database?keyword=value, or pairs "
        "keyword=value, with keywords that libpq knows");
  }
  for (const auto* option = options.get(); option->keyword != nullptr; ++option) {
    if (option->val != nullptr) parameters_.emplace(option->keyword, option->val);
  }
  // libpq would take it for a connection string of its own, password and all.
  const auto database = parameters_.find("dbname");
  if (database != parameters_.end() &&
      (is_uri(database->second) || database->second.find('=') != std::string::npos)) {
    throw_invalid_argument(
        "a connection string whose parameter dbname is a connection string; expected is the "
        "name of a database, without '='");
  }
}

bool ConnectionString::has(std::string_view keyword) const { return parameters_.contains(keyword); }

void ConnectionString::set(std::string_view keyword, std::string value) {
  parameters_.insert_or_assign(std::string(keyword), std::move(value));
}

std::string ConnectionString::text() const {
  std::string text;
  for (const auto& [keyword, value] : parameters_) {
    if (!text.empty()) text += ' ';
    text.append(keyword).append(1, '=').append(quoted(value));
  }
  return text;
}

std::string ConnectionString::password() const {
  const auto found = parameters_.find("password");
  return found == parameters_.end() ? std::string() : found->second;
}

std::string ConnectionString::description() const {
  static constexpr std::array<std::pair<const char*, const char*>, 6> parts{{
      {"service", "service"},
      {"host", "host"},
      {"hostaddr", "address"},
      {"port", "port"},
      {"dbname", "database"},
      {"user", "user"},
  }};
  std::string text;
  for (const auto& [keyword, word] : parts) {
    const auto found = parameters_.find(std::string_view(keyword));
    if (found == parameters_.end()) continue;
    if (!text.empty()) text += ", ";
    text.append(word).append(" '").append(found->second).append("'");
  }
  return text.empty() ? "the server that libpq's defaults name" : text;
}

std::vector<std::string> ConnectionString::known_keywords() {
  std::vector<std::string> keywords;
  const ParsedOptions options = parse(std::string());
  for (const auto* option = options.get(); option->keyword != nullptr; ++option) {
    keywords.emplace_back(option->keyword);
  }
  return keywords;
}

bool ConnectionString::is_known(std::string_view keyword) {
  const std::vector<std::string> keywords = known_keywords();
  return std::find(keywords.begin(), keywords.end(), keyword) != keywords.end();
}

}  // namespace holdfast::postgresql
