/// @file
/// The one exception type of Holdfast and its codes (contract, clause 11).
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>

namespace holdfast {

/// What went wrong, and so what a caller can do about it.
enum class ErrorCode : std::uint8_t {
  invalid_argument,     ///< The call can never succeed as it stands. Nothing was changed.
  failed_precondition,  ///< The store is not in a state for this call (closed, other kind of
                        ///< value).
  out_of_range,         ///< The result would lie outside what the type holds (counter overflow).
  resource_exhausted,   ///< A limit of entries, bytes, quota or disk would be passed.
  aborted,              ///< A conflict with others; the whole operation may be tried again.
  unavailable,          ///< The engine cannot be reached or is busy; may be tried again.
  deadline_exceeded,    ///< The call's deadline passed before it took effect.
  cancelled,            ///< The call's stop token was triggered before it took effect.
  unsupported,          ///< This backend does not offer it; see `Capabilities`.
  corruption,           ///< Stored data is damaged or not Holdfast's.
  commit_unknown,       ///< The write may or may not have taken effect; see `Memory::resolve`.
  permission_denied,    ///< Read-only store or missing rights.
  internal,             ///< A defect of Holdfast or its engine.
};

/// The code's name as the documentation writes it, for example "InvalidArgument".
[[nodiscard]] std::string_view to_string(ErrorCode code) noexcept;

/// Names a write whose outcome is not known; valid for the store that gave it, in any handle.
struct CommitToken {
  std::string text;  ///< Opaque, printable; empty: no token.
};

/// Everything that is not an ordinary outcome. No exception of an engine or a library leaves
/// Holdfast, and no password or connection secret stands in a message.
class Error : public std::runtime_error {
 public:
  /// Where it happened. Either may be empty.
  struct Origin {
    std::string backend;    ///< For example "sqlite".
    std::string operation;  ///< For example "set".
  };

  /// @param message what was wrong, where, and what is allowed.
  /// @param cause the engine's own words, or empty.
  Error(ErrorCode code, std::string message, Origin origin = {}, std::string cause = {},
        CommitToken token = {});

  [[nodiscard]] ErrorCode code() const noexcept { return code_; }
  [[nodiscard]] const std::string& backend() const noexcept { return origin_.backend; }
  [[nodiscard]] const std::string& operation() const noexcept { return origin_.operation; }
  /// The message without the prefix of code, backend and operation that `what()` carries.
  [[nodiscard]] const std::string& message() const noexcept { return message_; }
  [[nodiscard]] const std::string& cause() const noexcept { return cause_; }
  /// The token for `Memory::resolve`; empty unless the code is `commit_unknown`.
  [[nodiscard]] const CommitToken& token() const noexcept { return token_; }
  /// True when the same call may succeed later and was certainly not applied: `aborted`,
  /// `unavailable`. Never true for `commit_unknown`.
  [[nodiscard]] bool retryable() const noexcept;

  /// The same error, with the parts of `origin` that were empty filled in.
  [[nodiscard]] Error with_origin(const Origin& origin) const;

 private:
  ErrorCode code_;
  std::string message_;
  Origin origin_;
  std::string cause_;
  CommitToken token_;
};

/// Shorthand for the commonest refusal.
[[noreturn]] void throw_invalid_argument(std::string message);

}  // namespace holdfast
