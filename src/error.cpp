#include "holdfast/error.hpp"

#include <utility>

namespace holdfast {
namespace {

/// "InvalidArgument in set (sqlite): message: cause", each part only where it is known.
std::string whole_message(ErrorCode code, const std::string& message, const Error::Origin& origin,
                          const std::string& cause) {
  std::string whole(to_string(code));
  if (!origin.operation.empty()) whole.append(" in ").append(origin.operation);
  if (!origin.backend.empty()) whole.append(" (").append(origin.backend).append(")");
  whole.append(": ").append(message);
  if (!cause.empty()) whole.append(": ").append(cause);
  return whole;
}

}  // namespace

std::string_view to_string(ErrorCode code) noexcept {
  switch (code) {
    case ErrorCode::invalid_argument:
      return "InvalidArgument";
    case ErrorCode::failed_precondition:
      return "FailedPrecondition";
    case ErrorCode::out_of_range:
      return "OutOfRange";
    case ErrorCode::resource_exhausted:
      return "ResourceExhausted";
    case ErrorCode::aborted:
      return "Aborted";
    case ErrorCode::unavailable:
      return "Unavailable";
    case ErrorCode::deadline_exceeded:
      return "DeadlineExceeded";
    case ErrorCode::cancelled:
      return "Cancelled";
    case ErrorCode::unsupported:
      return "Unsupported";
    case ErrorCode::corruption:
      return "Corruption";
    case ErrorCode::commit_unknown:
      return "CommitUnknown";
    case ErrorCode::permission_denied:
      return "PermissionDenied";
    case ErrorCode::internal:
      return "Internal";
  }
  return "Unknown";
}

Error::Error(ErrorCode code, std::string message, Origin origin, std::string cause,
             CommitToken token)
    : std::runtime_error(whole_message(code, message, origin, cause)),
      code_(code),
      message_(std::move(message)),
      origin_(std::move(origin)),
      cause_(std::move(cause)),
      token_(std::move(token)) {}

bool Error::retryable() const noexcept {
  return code_ == ErrorCode::aborted || code_ == ErrorCode::unavailable;
}

Error Error::with_origin(const Origin& origin) const {
  Origin merged = origin_;
  if (merged.backend.empty()) merged.backend = origin.backend;
  if (merged.operation.empty()) merged.operation = origin.operation;
  return {code_, message_, std::move(merged), cause_, token_};
}

void throw_invalid_argument(std::string message) {
  throw Error(ErrorCode::invalid_argument, std::move(message));
}

}  // namespace holdfast
