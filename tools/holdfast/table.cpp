#include "table.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

#include "display.hpp"

namespace holdfast::program {
namespace {

constexpr std::size_t held_rows_max = 1000;
constexpr std::size_t held_bytes_max = std::size_t{1} << 20;
constexpr std::size_t gap = 2;         // Spaces between columns.
constexpr std::size_t narrowest = 12;  // A column is not shortened to less.

}  // namespace

Table::Table(Output& output, std::vector<Column> columns)
    : output_(output), columns_(std::move(columns)) {
  for (const Column& column : columns_) widths_.push_back(display_width(column.title));
}

void Table::add(std::vector<std::string> cells) {
  for (std::size_t i = 0; i < cells.size(); ++i) {
    // No column is wider than the terminal: the rest of a long value need not be kept.
    if (columns_[i].shrinks && output_.columns() > 0) {
      cells[i] = shorten(cells[i], output_.columns());
    }
    cells[i] = escape_controls(cells[i]);
    held_bytes_ += cells[i].size();
    // The last column is not padded, so its width matters only where rows must fit.
    if (i + 1 < cells.size() || columns_[i].right || output_.columns() > 0) {
      widths_[i] = std::max(widths_[i], display_width(cells[i]));
    }
  }
  rows_.push_back(std::move(cells));
  if (rows_.size() >= held_rows_max || held_bytes_ >= held_bytes_max) finish();
}

void Table::fit_widths() {
  if (output_.columns() == 0) return;
  std::size_t total = std::accumulate(widths_.begin(), widths_.end(), gap * (widths_.size() - 1));
  // The widest column that may shrink gives way first, a column of text at a time.
  while (total > output_.columns()) {
    std::size_t widest = columns_.size();
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      if (!columns_[i].shrinks || widths_[i] <= narrowest) continue;
      if (widest == columns_.size() || widths_[i] > widths_[widest]) widest = i;
    }
    if (widest == columns_.size()) return;
    --widths_[widest];
    --total;
  }
}

void Table::print_row(const std::vector<std::string>& cells) {
  std::string line;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    const bool cut = columns_[i].shrinks && output_.columns() > 0;
    const std::string cell = cut ? shorten(cells[i], widths_[i]) : cells[i];
    const std::size_t width = display_width(cell);
    const std::string padding(widths_[i] > width ? widths_[i] - width : 0, ' ');
    if (columns_[i].right) line += padding;
    line += cell;
    if (i + 1 == cells.size()) break;
    if (!columns_[i].right) line += padding;
    line.append(gap, ' ');
  }
  output_.line(line);
}

void Table::finish() {
  if (rows_.empty()) return;
  fit_widths();
  if (!head_printed_) {
    std::vector<std::string> titles;
    for (const Column& column : columns_) titles.push_back(column.title);
    print_row(titles);
    head_printed_ = true;
  }
  for (const auto& row : rows_) print_row(row);
  rows_.clear();
  held_bytes_ = 0;
}

}  // namespace holdfast::program
