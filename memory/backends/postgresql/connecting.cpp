#include "connecting.hpp"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <new>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "errors.hpp"

namespace holdfast::postgresql {

namespace {

using Instant = std::chrono::steady_clock::time_point;
using std::chrono::milliseconds;

// What is set where nothing else is asked for. A peer that is gone is found within half a minute.
constexpr std::array<std::pair<const char*, const char*>, 5> defaults{{
    {"fallback_application_name", "holdfast"},
    {"keepalives_idle", "10"},
    {"keepalives_interval", "5"},
    {"keepalives_count", "3"},
    {"tcp_user_timeout", "25000"},
}};

ConnectionString with_defaults(ConnectionString target) {
  for (const auto& [keyword, value] : defaults) {
    if (!target.has(keyword)) target.set(keyword, value);
  }
  target.set("client_encoding", "UTF8");
  return target;
}

// connect_timeout as libpq found it, be it in the environment or a service file; empty: no limit.
std::optional<std::chrono::seconds> time_for_a_host(PGconn* raw) {
  const std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)> options(PQconninfo(raw),
                                                                             &PQconninfoFree);
  if (options == nullptr) throw std::bad_alloc();
  int seconds = 10;
  for (const auto* option = options.get(); option->keyword != nullptr; ++option) {
    if (option->val == nullptr || option->keyword != std::string_view("connect_timeout")) continue;
    const std::string_view digits = option->val;
    std::from_chars(digits.data(), digits.data() + digits.size(), seconds);
  }
  if (seconds <= 0) return std::nullopt;
  return std::chrono::seconds(seconds);
}

// False: the time is up. Throws by the context.
bool wait_until_ready(pollfd socket, std::optional<Instant> until, const Context& context) {
  // A stop token cannot end a poll.
  constexpr milliseconds slice{20};
  constexpr milliseconds longest{60'000};
  for (;;) {
    context.check();
    const Instant now = std::chrono::steady_clock::now();
    if (until && now >= *until) return false;
    milliseconds pause = context.stop.stop_possible() ? slice : longest;
    for (const auto& end : {until, context.deadline}) {
      if (end) pause = std::min(pause, std::chrono::ceil<milliseconds>(*end - now));
    }
    if (::poll(&socket, 1, static_cast<int>(std::max(pause.count(), milliseconds::rep{0}))) > 0) {
      return true;
    }
  }
}

// The state in a message of verbose form, "FATAL:  28P01: ...", whichever its language; of
// several, as of several hosts, the last one. Empty: none, as no server spoke.
std::string_view state_in(std::string_view words) noexcept {
  constexpr std::string_view before = ":  ";
  for (std::size_t at = words.rfind(before); at != std::string_view::npos;
       at = at == 0 ? std::string_view::npos : words.rfind(before, at - 1)) {
    const std::string_view state = words.substr(at + before.size(), 5);
    const bool is_state = std::all_of(state.begin(), state.end(), [](char c) {
      return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z');
    });
    if (state.size() == 5 && is_state && words.substr(at + before.size() + 5).starts_with(": ")) {
      return state;
    }
  }
  return {};
}

ErrorCode code_of(PGconn* raw, std::string_view state) {
  if (PQconnectionNeedsPassword(raw) != 0) return ErrorCode::permission_denied;
  const ErrorCode code = to_error_code(state);
  const bool is_lasting =
      code == ErrorCode::permission_denied || code == ErrorCode::failed_precondition;
  return is_lasting ? code : ErrorCode::unavailable;
}

std::string_view reason(ErrorCode code) noexcept {
  if (code == ErrorCode::permission_denied) return "the server refuses this user or password";
  if (code == ErrorCode::failed_precondition) return "there is no such database";
  return "no server answers, or it takes no connections";
}

// Without the place in the server's sources, which the verbose form adds.
std::string without_location(std::string words) {
  constexpr std::string_view before = "\nLOCATION:  ";
  for (std::size_t at = 0; (at = words.find(before, at)) != std::string::npos;) {
    words.erase(at, words.find('\n', at + 1) - at);
  }
  return words;
}

[[noreturn]] void fail_connecting(PGconn* raw, const ConnectionString& target, bool timed_out) {
  const char* const password = PQpass(raw);
  const std::string_view secret = password == nullptr ? "" : password;
  std::string cause = without_location(PQerrorMessage(raw));
  std::string state(state_in(cause));
  const ErrorCode code = timed_out ? ErrorCode::unavailable : code_of(raw, state);
  if (timed_out) cause = "no answer within connect_timeout";
  while (!cause.empty() && cause.back() == '\n') cause.pop_back();
  std::string message = "cannot connect to PostgreSQL at " + target.description() + ": ";
  message += reason(code);
  throw EngineError(code, blotted(std::move(message), secret), blotted(std::move(cause), secret),
                    std::move(state), false);
}

}  // namespace

RawConnection connect(const ConnectionString& target, const Context& context) {
  context.check();
  RawConnection raw(PQconnectStart(with_defaults(target).text().c_str()));
  if (raw == nullptr) throw std::bad_alloc();
  if (PQstatus(raw.get()) == CONNECTION_BAD) fail_connecting(raw.get(), target, false);
  // For the states of errors.
  PQsetErrorVerbosity(raw.get(), PQERRORS_VERBOSE);
  const auto patience = time_for_a_host(raw.get());
  int socket = -1;
  std::optional<Instant> until;
  bool timed_out = false;
  for (auto status = PGRES_POLLING_WRITING; status != PGRES_POLLING_OK;
       status = PQconnectPoll(raw.get())) {
    if (status == PGRES_POLLING_FAILED) fail_connecting(raw.get(), target, timed_out);
    if (PQsocket(raw.get()) != socket) {
      socket = PQsocket(raw.get());
      if (patience) until = std::chrono::steady_clock::now() + *patience;
    }
    const short events = status == PGRES_POLLING_READING ? POLLIN : POLLOUT;
    timed_out = !wait_until_ready({socket, events, 0}, until, context);
    if (timed_out) {
      // libpq finds the socket closed, and goes on to the next host where there is one.
      ::shutdown(socket, SHUT_RDWR);
      socket = -1;
    }
  }
  PQsetErrorVerbosity(raw.get(), PQERRORS_DEFAULT);
  return raw;
}

}  // namespace holdfast::postgresql
