// How a stored value is read as JSON by the server.
//
// The server's JSON has no U+0000. So what it reads is the value's text with the characters up to
// U+0007 written as U+0001 and a second one, U+0010 to U+0017. That keeps the order of strings, no
// two strings become one, and a part stays a part. It is the type json, not jsonb: json leaves the
// text of each member and element as it is, so that texts can be compared, and takes no memory to
// speak of, where jsonb was measured to take 3.6 GB for a value of 16 MiB.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "holdfast/filter.hpp"

namespace holdfast::postgresql {

// The expression for the value in `column`, of type json.
[[nodiscard]] std::string document_sql(std::string_view column);

// A string, or a map's key, as the server has it once it took the escapes away.
[[nodiscard]] std::string encoded_string(std::string_view plain);

// The canonical text `json` as it stands in the documents whose text is changed, and whether it
// can also stand in those whose text is not, as it is.
struct DocumentSpelling {
  std::string in_changed;
  bool in_unchanged = false;
};
[[nodiscard]] DocumentSpelling document_spelling(std::string_view json);

// Whether what lies at the path in the value is what lies there in the document. The forms of
// bytes and of maps that look like them have keys that the value has not.
[[nodiscard]] bool is_path_in_document(const Path& path);

// What stands in the SQL for a path's steps; each text is already encoded.
struct StepWriter {
  std::function<std::string(const std::vector<std::string>& keys)> keys;  // A text[].
  std::function<std::string(const std::string& key)> key;                 // A text.
  std::function<std::string(std::int64_t index)> index;                   // An int.
};

// The steps themselves, quoted.
[[nodiscard]] StepWriter literal_steps();

// The expression for what lies at the path in `document`; NULL where nothing does.
[[nodiscard]] std::string path_sql(std::string document, const Path& path,
                                   const StepWriter& writer);

}  // namespace holdfast::postgresql
