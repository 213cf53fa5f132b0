#include "exit_code.hpp"

#include <cerrno>
#include <cstring>

namespace holdfast::program {

ExitCode exit_code_of(const Error& error) noexcept {
  return error.code() == ErrorCode::invalid_argument ? ExitCode::usage : ExitCode::failed;
}

std::string describe(const Error& error) {
  std::string text;
  if (error.code() != ErrorCode::invalid_argument && !error.backend().empty()) {
    text += error.backend();
    if (!error.operation().empty()) text += " " + error.operation();
    text += ": ";
  }
  text += error.message();
  if (!error.cause().empty()) text += " (" + error.cause() + ")";
  if (!error.token().text.empty()) {
    text += "; whether the write took effect is not known; to ask later: holdfast resolve " +
            error.token().text;
  }
  return text;
}

Error system_error(const std::string& what, int error_number) {
  const bool full = error_number == ENOSPC || error_number == EDQUOT || error_number == EFBIG;
  const bool denied = error_number == EACCES || error_number == EPERM || error_number == EROFS;
  const ErrorCode code = full     ? ErrorCode::resource_exhausted
                         : denied ? ErrorCode::permission_denied
                                  : ErrorCode::unavailable;
  return Error(code, what + ": " + std::strerror(error_number));
}

}  // namespace holdfast::program
