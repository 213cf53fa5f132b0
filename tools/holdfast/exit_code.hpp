/// @file
/// What the program says to the shell (docs/program.md).
#pragma once

#include <string>

#include "holdfast/error.hpp"

namespace holdfast::program {

enum class ExitCode : int {
  done = 0,    ///< What was asked for was done.
  absent = 1,  ///< The entry is not there, a precondition did not hold, or the answer is no.
  usage = 2,   ///< The arguments or what was read can never be accepted.
  failed = 3,  ///< The store, a file or standard output refused or failed.
  interrupted = 130,  ///< Stopped by SIGINT (Ctrl-C): 128 and the signal's number, as for shells.
  terminated = 143,   ///< Stopped by SIGTERM.
};

[[nodiscard]] ExitCode exit_code_of(const Error& error) noexcept;

/// One line for standard error, without the leading "holdfast: ".
[[nodiscard]] std::string describe(const Error& error);

/// An error of the operating system about `what`, for example a file's name; from `errno`.
[[nodiscard]] Error system_error(const std::string& what, int error_number);

}  // namespace holdfast::program
