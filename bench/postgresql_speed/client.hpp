// libpq by hand.
#pragma once

#include <libpq-fe.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "support/row_by_hand.hpp"

namespace holdfast::bench {

void append_int32(std::string& bytes, std::int32_t number);
void append_int64(std::string& bytes, std::int64_t number);

// The binary form of text[].
class TextArray {
 public:
  explicit TextArray(std::size_t size);
  void add(std::string_view text);
  [[nodiscard]] std::string_view bytes() const { return bytes_; }

 private:
  std::string bytes_;
};

using Result = std::unique_ptr<PGresult, decltype(&PQclear)>;

[[nodiscard]] std::string_view text_at(const PGresult* result, int row, int column);
[[nodiscard]] std::int64_t int64_at(const PGresult* result, int row, int column);
// Columns in the order of RowByHand.
[[nodiscard]] RowByHand row_at(const PGresult* result, int row);

// Milliseconds since 1970.
[[nodiscard]] std::int64_t now_ms();

// A connection with the statements of every contest prepared. Throws std::runtime_error.
class Client {
 public:
  explicit Client(const std::string& schema);

  [[nodiscard]] std::optional<std::string> get(std::string_view ns, std::string_view key);
  [[nodiscard]] std::vector<std::optional<RowByHand>> get_many(std::string_view ns,
                                                               std::span<const std::string> keys);
  [[nodiscard]] std::vector<RowByHand> page_by_key(std::string_view ns, std::string_view after);
  [[nodiscard]] std::vector<RowByHand> newest(std::string_view ns);
  // The revision.
  std::int64_t set(std::string_view ns, std::string_view key, std::string_view value);
  std::vector<std::int64_t> set_many(const TextArray& namespaces, const TextArray& keys,
                                     const TextArray& values);
  // The greatest of up to 1,024 revisions.
  [[nodiscard]] std::int64_t take_revisions();
  // `rows` in COPY's binary form, with its head and its end.
  void copy(const std::string& rows);

 private:
  void prepare(const char* name, const std::string& sql);
  Result run(const char* name, std::span<const std::string_view> arguments);
  Result checked(PGresult* raw);
  [[noreturn]] void fail();

  std::unique_ptr<PGconn, decltype(&PQfinish)> connection_;
  std::string table_;
};

}  // namespace holdfast::bench
