/// @file
/// Standard output and standard error, with failures that are noticed.
#pragma once

#include <cstddef>
#include <exception>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>

#include "stoppable_wait.hpp"

namespace holdfast::program {

/// Whoever read the output has gone (`| head`): the program ends quietly.
class OutputClosed : public std::exception {
 public:
  [[nodiscard]] const char* what() const noexcept override { return "output closed"; }
};

/// Standard output, buffered. Throws `Error` where writing fails, for example on a full disk, and
/// `OutputClosed` where nobody reads any more.
class Output {
 public:
  Output();

  void write(std::string_view text);
  /// `text` and a line feed.
  void line(std::string_view text);
  void flush();
  /// Flushes and closes, so that a failure that the system reports late is not lost.
  void finish();
  /// From now on a stop ends waiting for a reader who does not read: `Cancelled`.
  void stop_with(const std::stop_token& stop);

  [[nodiscard]] bool is_terminal() const noexcept { return is_terminal_; }
  /// Width of the terminal; 0 where the output is not one.
  [[nodiscard]] std::size_t columns() const noexcept { return columns_; }

 private:
  std::string buffer_;
  std::unique_ptr<StoppableWait> wait_;
  bool is_terminal_;
  std::size_t columns_;
};

/// "holdfast: `text`" as one line on standard error, control characters escaped.
void report(std::string_view text) noexcept;
/// `text` as one line on standard error.
void note(std::string_view text);

/// Makes sure that descriptors 0 to 2 are taken, so that no file that is opened later becomes
/// standard output by chance, and that a reader who goes away is an error code, not a signal.
void prepare_standard_streams();

}  // namespace holdfast::program
