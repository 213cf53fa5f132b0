// The one place where what PostgreSQL, libpq and libpqxx report becomes holdfast::Error.
#pragma once

#include <string>
#include <string_view>

#include "holdfast/error.hpp"

namespace holdfast::postgresql {

// An Error that the engine caused, as distinct from a refusal of our own.
class EngineError : public Error {
 public:
  EngineError(ErrorCode code, std::string message, std::string cause, std::string sqlstate,
              bool connection_lost);
  // Five characters; empty where the server did not speak.
  [[nodiscard]] const std::string& sqlstate() const noexcept { return sqlstate_; }
  // Whether the connection went, so that what became of the statement is not known.
  [[nodiscard]] bool connection_lost() const noexcept { return connection_lost_; }
  // Whether others got in the way and the same statement may succeed (40001, 40P01, 55P03, and the
  // states that the store's own functions raise for it).
  [[nodiscard]] bool is_conflict() const noexcept;

 private:
  std::string sqlstate_;
  bool connection_lost_;
};

// States that the store's functions raise (see schema_common_functions.cpp).
inline constexpr std::string_view session_fenced_state = "HF001";
inline constexpr std::string_view server_crashed_state = "HF002";
inline constexpr std::string_view limit_state = "HF003";
inline constexpr std::string_view not_restorable_state = "HF004";
inline constexpr std::string_view standby_state = "HF005";
inline constexpr std::string_view search_changed_state = "HF006";

[[nodiscard]] ErrorCode to_error_code(std::string_view sqlstate) noexcept;

// To be called in a catch block: throws EngineError for what libpqxx throws, and Internal for a
// standard exception; holdfast::Error and std::bad_alloc pass. `doing` completes "PostgreSQL failed
// while ...". `secret`, where it is not empty, is blotted out of the engine's words.
[[noreturn]] void rethrow_translated(std::string_view doing, std::string_view secret = {});

// Throws EngineError for what libpq says: a failed result's state and words, or, without a state,
// the connection's.
[[noreturn]] void throw_engine_error(std::string_view doing, std::string_view secret,
                                     std::string state, bool lost, std::string words);

[[noreturn]] void fail(ErrorCode code, std::string message, std::string cause = {});

// `text` with each occurrence of `secret` replaced by "***".
[[nodiscard]] std::string blotted(std::string text, std::string_view secret);

}  // namespace holdfast::postgresql
