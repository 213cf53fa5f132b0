// What a statement gave back.
#pragma once

#include <libpq-fe.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <pqxx/pqxx>
#include <string_view>
#include <vector>

namespace holdfast::postgresql {

// Rows and columns count from 0. Views live as long as this object or a copy of it. The readers of
// numbers throw Corruption for text that is none.
class Rows {
 public:
  Rows() = default;
  explicit Rows(pqxx::result result);
  // In binary form.
  explicit Rows(std::shared_ptr<PGresult> result);

  [[nodiscard]] std::size_t size() const noexcept;
  [[nodiscard]] bool empty() const noexcept { return size() == 0; }
  [[nodiscard]] bool is_null(std::size_t row, std::size_t column) const;
  [[nodiscard]] std::string_view text(std::size_t row, std::size_t column) const;
  [[nodiscard]] std::int64_t integer(std::size_t row, std::size_t column) const;
  [[nodiscard]] std::optional<std::int64_t> optional_integer(std::size_t row,
                                                             std::size_t column) const;
  // An array of numbers.
  [[nodiscard]] std::vector<std::int64_t> integers(std::size_t row, std::size_t column) const;
  [[nodiscard]] bool boolean(std::size_t row, std::size_t column) const;

 private:
  [[nodiscard]] std::int64_t binary_integer(std::size_t row, std::size_t column) const;
  [[nodiscard]] std::vector<std::int64_t> binary_integers(std::size_t row,
                                                          std::size_t column) const;

  pqxx::result result_;
  std::shared_ptr<PGresult> binary_;  // Takes the place of the other.
};

}  // namespace holdfast::postgresql
