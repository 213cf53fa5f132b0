#include "writer.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <string>
#include <utility>

#include "errors.hpp"

namespace holdfast::postgresql {

namespace {

constexpr std::string_view token_prefix = "pg:";
// For so long `resolve` can tell what became of a write.
constexpr std::chrono::hours sessions_kept{24 * 7};
// What a call still spends on finding out what became of its write, though its deadline has passed
// or retry_for is less.
constexpr std::chrono::seconds grace{1};

[[noreturn]] void throw_unknown(const WriteMark& mark, std::string message, const Error& cause) {
  throw Error(ErrorCode::commit_unknown, std::move(message), {"postgresql", ""},
              cause.message() + (cause.cause().empty() ? "" : ": " + cause.cause()),
              make_token(mark));
}

}  // namespace

CommitToken make_token(const WriteMark& mark) {
  return {std::string(token_prefix) + std::to_string(mark.session) + ":" +
          std::to_string(mark.nonce)};
}

WriteMark parse_token(const CommitToken& token) {
  const std::string_view text = token.text;
  WriteMark mark;
  if (text.starts_with(token_prefix)) {
    const char* const end = text.data() + text.size();
    const auto [colon, first_error] =
        std::from_chars(text.data() + token_prefix.size(), end, mark.session);
    if (first_error == std::errc{} && colon != end && *colon == ':') {
      const auto [rest, error] = std::from_chars(colon + 1, end, mark.nonce);
      if (error == std::errc{} && rest == end) return mark;
    }
  }
  throw_invalid_argument("the commit token was not given by a PostgreSQL store");
}

Writer::Writer(Store& store)
    : store_(store),
      open_session_(
          store.statement("holdfast_open_session", "SELECT @schema@.open_session($1, $2)")),
      close_session_(
          store.statement("holdfast_close_session", "DELETE FROM @schema@.session WHERE id = $1")),
      settle_(store.statement("holdfast_settle", "SELECT * FROM @schema@.settle($1)")),
      recover_(store.statement("holdfast_recover", "SELECT @schema@.recover()")) {}

void Writer::add_head(Arguments& arguments, const Connection& connection,
                      const Context& context) const {
  arguments.add(connection.session).add(connection.nonce);
  arguments.add(store_.options.durability == PostgresqlDurability::full);
  store_.instants.add_to(arguments, context);
}

void Writer::begin_session(Connection& connection, const Context& context) {
  std::int64_t id = 0;
  {
    const std::lock_guard lock(random_mutex_);
    id = std::uniform_int_distribution<std::int64_t>(1)(random_);
  }
  const std::chrono::milliseconds kept = sessions_kept;
  connection.execute(open_session_, Arguments().add(id).add(std::int64_t{kept.count()}), context);
  connection.session = id;
  connection.nonce = 0;
}

void Writer::end_session(Connection& connection, const Context& context) const {
  if (connection.session == 0) return;
  connection.execute(close_session_, Arguments().add(connection.session), context);
  connection.session = 0;
}

void Writer::write(const Write& write, const Context& context) {
  Backoff backoff(store_.options.retry_for);
  while (attempt(write, backoff, context) == Step::again) {
  }
}

Writer::Step Writer::attempt(const Write& write, Backoff& backoff, const Context& context) {
  Pool::Lease lease = store_.pool.acquire(context);
  WriteMark mark;
  try {
    if (lease->session == 0) begin_session(*lease, context);
    ++lease->nonce;
    mark = {lease->session, lease->nonce};
    write.run(*lease);
    return Step::done;
  } catch (const EngineError& error) {
    if (error.connection_lost()) {
      lease.discard();
      return after_loss(mark, write, error, backoff, context);
    }
    if (!error.is_conflict()) throw;
    return after_conflict(*lease, error, error.sqlstate(), backoff, context);
  }
}

Writer::Step Writer::after_conflict(Connection& connection, const Error& error,
                                    std::string_view sqlstate, Backoff& backoff,
                                    const Context& context) {
  // These two are nobody else's doing and go with what is done here, so that trying again takes
  // none of the time for others: it may be over, since a server that crashed was waited for.
  if (sqlstate == session_fenced_state) {
    connection.session = 0;
    return Step::again;
  }
  if (sqlstate == server_crashed_state) {
    connection.execute(recover_, {}, context);
    return Step::again;
  }
  if (backoff.pause(context)) return Step::again;
  throw Error(ErrorCode::aborted,
              "others got in the way of a write for all of retry_for (" +
                  std::to_string(store_.options.retry_for.count()) + " ms)",
              {"postgresql", ""}, error.cause());
}

Writer::Step Writer::after_loss(const WriteMark& mark, const Write& write, const Error& error,
                                Backoff& backoff, const Context& context) {
  if (mark.session != 0) {
    const auto settled = settle(mark, context);
    if (!settled) {
      throw_unknown(mark,
                    "the connection was lost during a write, and the server cannot say "
                    "whether it was applied",
                    error);
    }
    // A session that is not there any more has gone in a crash, along with all that came after its
    // beginning; no write can follow in it either.
    if (settled->has_session && settled->nonce == mark.nonce) {
      if (settled->results && write.take_kept(*settled->results)) return Step::done;
      throw_unknown(mark,
                    "the connection was lost after a write was applied, and what it gave "
                    "back was lost with it",
                    error);
    }
  }
  // Nothing was applied, and nothing can be any more: the session is fenced.
  if (backoff.pause(context)) return Step::again;
  throw error;
}

std::optional<Writer::Settled> Writer::settle(const WriteMark& mark, const Context& context) {
  const auto now = std::chrono::steady_clock::now();
  const auto patience = std::max<std::chrono::milliseconds>(store_.options.retry_for, grace);
  Context bounded;
  bounded.deadline = now + patience;
  if (context.deadline) {
    bounded.deadline = std::min(*bounded.deadline, std::max(now, *context.deadline) + grace);
  }
  Backoff backoff(patience);
  while (true) {
    try {
      const Pool::Lease lease = store_.pool.acquire(bounded);
      const Rows rows = lease->execute(settle_, Arguments().add(mark.session), bounded);
      if (rows.empty()) return Settled{};
      Settled settled{true, rows.integer(0, 0), std::nullopt};
      if (!rows.is_null(0, 1)) settled.results = rows.integers(0, 1);
      return settled;
    } catch (const Error& error) {
      try {
        if (error.code() != ErrorCode::unavailable || !backoff.pause(bounded)) return std::nullopt;
      } catch (const Error&) {
        return std::nullopt;  // The time is over.
      }
    }
  }
}

std::optional<bool> Writer::resolve(const WriteMark& mark, const Context& context) {
  const auto settled = settle(mark, context);
  // Of a session that went on, only the last write is known; old sessions are forgotten.
  if (!settled || !settled->has_session || settled->nonce > mark.nonce) return std::nullopt;
  return settled->nonce == mark.nonce;
}

}  // namespace holdfast::postgresql
