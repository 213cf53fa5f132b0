// What a store's connections are made from: libpq's parameters, taken apart and put together.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace holdfast::postgresql {

// Parameters of libpq by keyword.
class ConnectionString {
 public:
  // A URI (postgresql://, postgres://) or keyword=value pairs. Throws InvalidArgument for text of
  // another form or a keyword that libpq does not know, without repeating any of the text.
  explicit ConnectionString(std::string_view text);

  [[nodiscard]] bool has(std::string_view keyword) const;
  void set(std::string_view keyword, std::string value);
  // As keyword='value' pairs for libpq.
  [[nodiscard]] std::string text() const;
  [[nodiscard]] std::string password() const;  // Empty: none is given here.
  // Where it leads, for people: host, port, database and user, never a secret.
  [[nodiscard]] std::string description() const;

  // The keywords that libpq knows, so that a URL can be told what is allowed.
  [[nodiscard]] static std::vector<std::string> known_keywords();
  [[nodiscard]] static bool is_known(std::string_view keyword);

 private:
  std::map<std::string, std::string, std::less<>> parameters_;
};

}  // namespace holdfast::postgresql
