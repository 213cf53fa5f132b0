#include "errors.hpp"

#include <algorithm>
#include <initializer_list>
#include <new>
#include <optional>
#include <utility>

#include "libpqxx.hpp"

namespace holdfast::postgresql {

namespace {

bool is_any_of(std::string_view state, std::initializer_list<std::string_view> states) noexcept {
  return std::find(states.begin(), states.end(), state) != states.end();
}

bool is_conflict_state(std::string_view state) noexcept {
  return is_any_of(state, {"40001", "40P01", "55P03", "23505", session_fenced_state,
                           server_crashed_state, search_changed_state});
}

// States of a server that ends the connection along with the statement.
bool ends_connection(std::string_view state) noexcept {
  return is_any_of(state, {"57P01", "57P02", "57P03"}) || state.starts_with("08");
}

std::string_view explanation(ErrorCode code) noexcept {
  switch (code) {
    case ErrorCode::aborted:
      return "a conflict with other writers";
    case ErrorCode::unavailable:
      return "the server cannot be reached, or takes no more work";
    case ErrorCode::resource_exhausted:
      return "the server has run out of a resource";
    case ErrorCode::permission_denied:
      return "the right to do so is missing";
    case ErrorCode::failed_precondition:
      return "the database, the schema or a part of it is not there";
    case ErrorCode::deadline_exceeded:
      return "the server ended it after the time that it allows for a statement";
    case ErrorCode::corruption:
      return "the server found its files damaged";
    default:
      return "an unexpected error of the server";
  }
}

// The primary message of a server's error: "ERROR:  message", in whichever language, with further
// lines below it.
std::string primary_message(std::string_view words) {
  words = words.substr(0, words.find('\n'));
  const std::size_t end_of_severity = words.find(":  ");
  if (end_of_severity != std::string_view::npos) words.remove_prefix(end_of_severity + 3);
  return std::string(words);
}

std::string message_for(std::string_view doing, ErrorCode code, std::string_view sqlstate,
                        bool lost, std::string_view words) {
  // The store's own functions say best what was refused.
  if (is_any_of(sqlstate, {limit_state, not_restorable_state, standby_state})) {
    return primary_message(words);
  }
  std::string message = "PostgreSQL failed while ";
  message.append(doing).append(": ");
  return message.append(lost ? "the connection to the server was lost" : explanation(code));
}

std::optional<unsigned char> digit_value(char c) noexcept {
  if (c >= '0' && c <= '9') return static_cast<unsigned char>(c - '0');
  if (c >= 'a' && c <= 'f') return static_cast<unsigned char>(c - 'a' + 10);
  if (c >= 'A' && c <= 'F') return static_cast<unsigned char>(c - 'A' + 10);
  return std::nullopt;
}

// The byte that "%XX" at the beginning of `text` stands for.
std::optional<char> percent_encoded(std::string_view text) noexcept {
  if (text.size() < 3 || text[0] != '%') return std::nullopt;
  const auto high = digit_value(text[1]);
  const auto low = digit_value(text[2]);
  if (!high || !low) return std::nullopt;
  return static_cast<char>(static_cast<unsigned char>(*high * 16 + *low));
}

std::string percent_decoded(std::string_view text) {
  std::string decoded;
  while (!text.empty()) {
    const auto byte = percent_encoded(text);
    decoded += byte.value_or(text.front());
    text.remove_prefix(byte ? 3 : 1);
  }
  return decoded;
}

// How long `secret` is at the beginning of `text`, where each of its bytes stands as it is or
// percent-encoded; 0: it does not stand there.
std::size_t length_at_start(std::string_view text, std::string_view secret) noexcept {
  if (text.starts_with(secret)) return secret.size();
  std::size_t at = 0;
  for (const char c : secret) {
    const std::string_view rest = text.substr(at);
    if (percent_encoded(rest) == c) {
      at += 3;
    } else if (rest.starts_with(c)) {
      ++at;
    } else {
      return 0;
    }
  }
  return at;
}

}  // namespace

EngineError::EngineError(ErrorCode code, std::string message, std::string cause,
                         std::string sqlstate, bool connection_lost)
    : Error(code, std::move(message), {"postgresql", ""}, std::move(cause)),
      sqlstate_(std::move(sqlstate)),
      connection_lost_(connection_lost) {}

bool EngineError::is_conflict() const noexcept { return is_conflict_state(sqlstate_); }

ErrorCode to_error_code(std::string_view state) noexcept {
  if (is_conflict_state(state)) return ErrorCode::aborted;
  if (state == limit_state) return ErrorCode::resource_exhausted;
  if (state == not_restorable_state) return ErrorCode::failed_precondition;
  if (state == standby_state) return ErrorCode::unsupported;
  if (state == "57014") return ErrorCode::deadline_exceeded;
  if (ends_connection(state) || state == "53300") return ErrorCode::unavailable;
  if (state.starts_with("53")) return ErrorCode::resource_exhausted;
  if (is_any_of(state, {"42501", "25006"}) || state.starts_with("28")) {
    return ErrorCode::permission_denied;
  }
  if (is_any_of(state, {"3D000", "3F000", "42P01", "42883"})) {
    return ErrorCode::failed_precondition;
  }
  if (is_any_of(state, {"XX001", "XX002"})) return ErrorCode::corruption;
  return ErrorCode::internal;
}

void rethrow_translated(std::string_view doing, std::string_view secret) {
  try {
    throw;
  } catch (const Error&) {
    throw;
  } catch (const std::bad_alloc&) {
    throw;
  } catch (const pqxx::failure& error) {
    throw_engine_error(doing, secret, libpqxx::sqlstate_of(error),
                       libpqxx::is_lost_connection(error), error.what());
  } catch (const std::exception& error) {
    throw Error(ErrorCode::internal, "an unexpected failure while " + std::string(doing),
                {"postgresql", ""}, blotted(error.what(), secret));
  }
}

void throw_engine_error(std::string_view doing, std::string_view secret, std::string state,
                        bool lost, std::string words) {
  lost = lost || ends_connection(state);
  const ErrorCode code = lost ? ErrorCode::unavailable : to_error_code(state);
  std::string cause = blotted(std::move(words), secret);
  while (!cause.empty() && cause.back() == '\n') cause.pop_back();
  std::string message = message_for(doing, code, state, lost, cause);
  if (!state.empty()) cause.append(" (SQLSTATE ").append(state).append(")");
  throw EngineError(code, std::move(message), std::move(cause), std::move(state), lost);
}

void fail(ErrorCode code, std::string message, std::string cause) {
  throw Error(code, std::move(message), {"postgresql", ""}, std::move(cause));
}

std::string blotted(std::string text, std::string_view secret) {
  if (secret.empty()) return text;
  const std::string decoded = percent_decoded(secret);
  std::string result;
  std::string_view rest = text;
  while (!rest.empty()) {
    const std::size_t length =
        std::max(length_at_start(rest, secret), length_at_start(rest, decoded));
    if (length == 0) {
      result += rest.front();
      rest.remove_prefix(1);
    } else {
      result += "***";
      rest.remove_prefix(length);
    }
  }
  return result;
}

}  // namespace holdfast::postgresql
