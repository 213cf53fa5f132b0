/// @file
/// Tables for people.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "output.hpp"

namespace holdfast::program {

struct Column {
  std::string title;
  bool right = false;    ///< Aligned to the right, for numbers.
  bool shrinks = false;  ///< Shortened on a terminal where the row would not fit.
};

/// Prints rows in columns under a head line. Rows are held back to find the widths, a bounded
/// number at a time, so that a table may be longer than memory.
class Table {
 public:
  Table(Output& output, std::vector<Column> columns);

  /// One cell a column. Control characters are escaped.
  void add(std::vector<std::string> cells);
  /// Prints what is held back; a table without rows prints nothing.
  void finish();

 private:
  void print_row(const std::vector<std::string>& cells);
  void fit_widths();

  Output& output_;
  std::vector<Column> columns_;
  std::vector<std::size_t> widths_;
  std::vector<std::vector<std::string>> rows_;
  std::size_t held_bytes_ = 0;
  bool head_printed_ = false;
};

}  // namespace holdfast::program
