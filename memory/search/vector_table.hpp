// The vectors of one namespace, in memory, and their products with another.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <unordered_map>
#include <vector>

#include "holdfast/entry.hpp"

namespace holdfast::search {

// A vector, and how near it is.
struct ScoredVector {
  std::int64_t micros = 0;  // The cosine in millionths.
  Revision created = 0;     // Of the entry.
  std::int64_t id = 0;
  std::uint32_t ns = 0;  // The number of its namespace.
};

// Takes about 4 bytes for each dimension (a multiple of 32) and 48 for each vector. For one thread
// that changes it, or many that read.
class VectorTable {
 public:
  explicit VectorTable(int dimensions);

  [[nodiscard]] int dimensions() const noexcept { return dimensions_; }
  [[nodiscard]] std::size_t size() const noexcept { return rows_.size(); }
  [[nodiscard]] std::size_t bytes() const noexcept;
  // Of what `size` vectors take.
  [[nodiscard]] static std::size_t bytes_of(int dimensions, std::size_t size) noexcept;

  // Puts a vector of unit length, in the place of the one that has the id already. Throws
  // `std::bad_alloc`, with nothing changed.
  void put(std::int64_t id, Revision created, std::span<const float> unit);
  // Whether there was one.
  bool erase(std::int64_t id) noexcept;
  void clear() noexcept;
  // Empty: none. Valid until the table changes.
  [[nodiscard]] std::span<const float> find(std::int64_t id) const noexcept;

  // In no order.
  [[nodiscard]] std::vector<std::int64_t> ids() const;

  // Adds all of them, with their products with `unit` as `micros`. The sums are made in an order
  // that no processor changes.
  void score(std::span<const float> unit, std::uint32_t ns, std::vector<ScoredVector>& to) const;

 private:
  static constexpr std::size_t rows_of_chunk = 256;
  struct Row {
    std::int64_t id = 0;
    Revision created = 0;
  };

  [[nodiscard]] float* at(std::size_t row) const noexcept {
    return chunks_[row / rows_of_chunk].get() + row % rows_of_chunk * stride_;
  }

  int dimensions_;
  std::size_t stride_;
  std::vector<std::unique_ptr<float[]>> chunks_;
  std::vector<Row> rows_;
  std::unordered_map<std::int64_t, std::size_t> places_;  // Of ids.
};

}  // namespace holdfast::search
