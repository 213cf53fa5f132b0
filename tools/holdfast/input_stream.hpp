/// @file
/// An `InputFile` as a stream, for readers that take one.
#pragma once

#include <algorithm>
#include <istream>
#include <streambuf>
#include <string>

#include "holdfast/error.hpp"
#include "input.hpp"

namespace holdfast::program {

/// Reads the file's text. What the file throws passes through the stream, with the line reached.
class InputStream final : private std::streambuf, public std::istream {
 public:
  explicit InputStream(InputFile& file) : std::istream(this), file_(file) {
    exceptions(std::ios::badbit);
  }

 private:
  std::streambuf::int_type underflow() override {
    line_ += std::count(buffer_.begin(), buffer_.end(), '\n');
    buffer_.clear();
    bool is_more = false;
    try {
      is_more = file_.read(buffer_);
    } catch (const Error& error) {
      if (error.code() != ErrorCode::invalid_argument) throw;
      throw_invalid_argument("line " + std::to_string(line_) + ": " + error.message());
    }
    if (!is_more) return std::streambuf::traits_type::eof();
    setg(buffer_.data(), buffer_.data(), buffer_.data() + buffer_.size());
    return std::streambuf::traits_type::to_int_type(buffer_.front());
  }

  InputFile& file_;
  std::string buffer_;
  std::ptrdiff_t line_ = 1;
};

}  // namespace holdfast::program
