#include "vector_table.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>

#include "vector_product.hpp"

namespace holdfast::search {
namespace {

constexpr std::size_t bytes_of_row = 48;  // About: its place in the table, and a node of the map.

}  // namespace

VectorTable::VectorTable(int dimensions)
    : dimensions_(dimensions), stride_(stride_of(static_cast<std::size_t>(dimensions))) {}

std::size_t VectorTable::bytes() const noexcept {
  return chunks_.size() * rows_of_chunk * stride_ * sizeof(float) + rows_.size() * bytes_of_row;
}

std::size_t VectorTable::bytes_of(int dimensions, std::size_t size) noexcept {
  return size * (stride_of(static_cast<std::size_t>(dimensions)) * sizeof(float) + bytes_of_row);
}

void VectorTable::put(std::int64_t id, Revision created, std::span<const float> unit) {
  const auto found = places_.find(id);
  if (found != places_.end()) {
    rows_[found->second].created = created;
    std::ranges::copy(unit, at(found->second));
    return;
  }
  const std::size_t row = rows_.size();
  if (row == chunks_.size() * rows_of_chunk) {
    chunks_.push_back(std::make_unique<float[]>(rows_of_chunk * stride_));
  }
  rows_.push_back({id, created});
  try {
    places_.emplace(id, row);
  } catch (...) {
    rows_.pop_back();
    throw;
  }
  float* const to = at(row);
  std::fill(std::ranges::copy(unit, to).out, to + stride_, 0.0F);
}

bool VectorTable::erase(std::int64_t id) noexcept {
  const auto found = places_.find(id);
  if (found == places_.end()) return false;
  const std::size_t row = found->second;
  const std::size_t last = rows_.size() - 1;
  places_.erase(found);
  if (row != last) {
    std::copy_n(at(last), stride_, at(row));
    rows_[row] = rows_[last];
    places_.find(rows_[row].id)->second = row;
  }
  // Nothing of it stays.
  std::fill_n(at(last), stride_, 0.0F);
  rows_.pop_back();
  // One chunk is left empty, so that one vector that comes and goes does not cost a chunk each
  // time.
  const std::size_t used = (rows_.size() + rows_of_chunk - 1) / rows_of_chunk;
  while (chunks_.size() > used + 1) chunks_.pop_back();
  return true;
}

void VectorTable::clear() noexcept {
  chunks_.clear();
  rows_.clear();
  places_.clear();
}

std::span<const float> VectorTable::find(std::int64_t id) const noexcept {
  const auto found = places_.find(id);
  if (found == places_.end()) return {};
  return {at(found->second), static_cast<std::size_t>(dimensions_)};
}

std::vector<std::int64_t> VectorTable::ids() const {
  std::vector<std::int64_t> ids;
  ids.reserve(rows_.size());
  for (const Row& row : rows_) ids.push_back(row.id);
  return ids;
}

void VectorTable::score(std::span<const float> unit, std::uint32_t ns,
                        std::vector<ScoredVector>& to) const {
  std::vector<float> query(stride_);
  std::ranges::copy(unit, query.begin());
  std::vector<float> products(rows_of_chunk);
  // At least doubled, as many small tables may follow each other.
  if (to.capacity() - to.size() < rows_.size()) {
    to.reserve(std::max(to.size() + rows_.size(), 2 * to.capacity()));
  }
  for (std::size_t first = 0; first < rows_.size(); first += rows_of_chunk) {
    const std::size_t count = std::min(rows_of_chunk, rows_.size() - first);
    multiply(at(first), count, stride_, query.data(), products.data());
    for (std::size_t i = 0; i < count; ++i) {
      const Row& row = rows_[first + i];
      to.push_back({micros_of(products[i]), row.created, row.id, ns});
    }
  }
}

}  // namespace holdfast::search
