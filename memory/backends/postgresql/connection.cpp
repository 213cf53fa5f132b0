#include "connection.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <limits>
#include <system_error>
#include <utility>

#include "connecting.hpp"
#include "errors.hpp"
#include "libpqxx.hpp"
#include "process_mark.hpp"

namespace holdfast::postgresql {

namespace {

// A descriptor of a connection's socket. libpq closes its own as it pleases, and the number may be
// another file's by the time that the watchdog gives up.
class Socket {
 public:
  explicit Socket(PGconn* raw) : descriptor_(::fcntl(PQsocket(raw), F_DUPFD_CLOEXEC, 0)) {
    if (descriptor_ >= 0) return;
    fail(ErrorCode::unavailable, "no descriptor is left for a connection to PostgreSQL",
         std::generic_category().message(errno));
  }
  ~Socket() { ::close(descriptor_); }
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;
  void shut_down() const noexcept { ::shutdown(descriptor_, SHUT_RDWR); }

 private:
  int descriptor_;
};

}  // namespace

// Not to be destroyed in a process that was forked off: it would end the parent's session.
class Connection::Engine {
 public:
  explicit Engine(RawConnection raw)
      : raw_(std::move(raw)),
        canceller_(PQgetCancel(raw_.get()), &PQfreeCancel),
        socket_(raw_.get()),
        session_(raw_.get()) {}

  [[nodiscard]] libpqxx::Session& session() noexcept { return session_; }
  [[nodiscard]] PGconn* raw() const noexcept { return raw_.get(); }
  [[nodiscard]] bool is_connected() const noexcept {
    return !gave_up_ && PQstatus(raw_.get()) == CONNECTION_OK;
  }
  [[nodiscard]] const ProcessMark& process() const noexcept { return process_; }
  [[nodiscard]] Watchdog::Actions actions() {
    return {.cancel =
                [canceller = canceller_] {
                  std::array<char, 256> words{};
                  PQcancel(canceller.get(), words.data(), static_cast<int>(words.size()));
                },
            .give_up =
                [this] {
                  gave_up_ = true;
                  socket_.shut_down();
                }};
  }

 private:
  RawConnection raw_;
  std::shared_ptr<PGcancel> canceller_;
  Socket socket_;
  std::atomic<bool> gave_up_{false};
  ProcessMark process_;
  libpqxx::Session session_;
};

Connection::Connection(const ConnectionOptions& options, Watchdog& watchdog, const Context& context)
    : watchdog_(watchdog), prepare_(options.prepare) {
  RawConnection raw = connect(options.target, context);
  const char* const password = PQpass(raw.get());
  if (password != nullptr) password_ = password;
  try {
    engine_ = std::make_unique<Engine>(std::move(raw));
  } catch (...) {
    rethrow_translated("connecting", password_);
  }
  set_up(options, context);
}

Connection::~Connection() {
  if (engine_ == nullptr || !engine_->process().is_forked()) return;
  // The socket is the parent's as well: what this process would say goes to the parent's server.
  static_cast<void>(engine_.release());
}

// Nothing is set where a pooler in transaction mode may stand in between: it would stay with
// whichever session of the server the pooler has chosen.
void Connection::set_up(const ConnectionOptions& options, const Context& context) {
  last_used_ = std::chrono::steady_clock::now();
  if (!prepare_) return;
  // The functions of a store look again after each wait, which only this level does. What the
  // planner expects of them is far too much, and it would compile for seconds. Bitmaps lose the
  // order of an index: it would gather and sort all that a page is the beginning of.
  std::string sql =
      "SET client_min_messages = warning; SET jit = off; SET enable_bitmapscan = off; "
      "SET default_transaction_isolation = 'read committed'";
  if (options.statement_timeout) {
    constexpr std::chrono::milliseconds longest{std::numeric_limits<std::int32_t>::max()};
    const auto timeout = std::min(*options.statement_timeout, longest);
    sql += "; SET statement_timeout = " + std::to_string(timeout.count());
  }
  execute_text(sql, context);
}

template <typename Body>
Rows Connection::run(std::string_view what, const Context& context, Body&& body) {
  engine_->process().check_not_forked();
  context.check();
  if (!usable_ || !engine_->is_connected()) {
    usable_ = false;
    // Nothing was sent, so that this call is not in doubt.
    throw EngineError(ErrorCode::unavailable, "the connection to PostgreSQL was lost before", {},
                      {}, false);
  }
  const Watchdog::Watch watch(watchdog_, context, [this] { return engine_->actions(); });
  try {
    Rows rows = body();
    last_used_ = std::chrono::steady_clock::now();
    return rows;
  } catch (...) {
    rethrow(what, watch.fired(), context);
  }
}

void Connection::rethrow(std::string_view what, bool told_to_end, const Context& context) {
  const std::string doing = "executing " + std::string(what);
  try {
    rethrow_translated(doing, password_);
  } catch (const EngineError& error) {
    // What a server says has a state. An error without one is libpq's own, which does not always
    // count the connection as lost then: not where a write failed and something was left to read.
    if (error.connection_lost() || error.sqlstate().empty() || !engine_->is_connected()) {
      usable_ = false;
    }
    if (!usable_ && !error.connection_lost()) {
      // 6.4 does not always say so.
      throw EngineError(
          ErrorCode::unavailable,
          "PostgreSQL failed while " + doing + ": the connection to the server was lost",
          error.cause(), error.sqlstate(), true);
    }
    // The server ended it at our request.
    if (told_to_end && usable_ && error.sqlstate() == "57014") context.check();
    throw;
  }
}

Rows Connection::execute(const Statement& statement, const Arguments& arguments,
                         const Context& context) {
  return run(statement.name, context, [&] {
    prepare_once(statement);
    if (statement.binary) return execute_binary(statement, arguments);
    libpqxx::Session& engine = engine_->session();
    return Rows(is_prepared(statement) ? engine.run_prepared(statement.name, arguments)
                                       : engine.run(statement.sql, arguments));
  });
}

bool Connection::is_prepared(const Statement& statement) const noexcept {
  return prepare_ && !statement.name.empty();
}

void Connection::prepare_once(const Statement& statement) {
  if (!is_prepared(statement) || prepared_.contains(statement.name)) return;
  engine_->session().prepare(statement.name, statement.sql);
  prepared_.insert(statement.name);
}

Rows Connection::execute_binary(const Statement& statement, const Arguments& arguments) {
  constexpr int binary_results = 1;
  const auto pointers = arguments.pointers();
  const int count = static_cast<int>(pointers.size());
  const int* const lengths = arguments.lengths().data();
  const int* const formats = arguments.formats().data();
  PGresult* const raw = is_prepared(statement)
                            ? PQexecPrepared(engine_->raw(), statement.name.c_str(), count,
                                             pointers.data(), lengths, formats, binary_results)
                            : PQexecParams(engine_->raw(), statement.sql.c_str(), count, nullptr,
                                           pointers.data(), lengths, formats, binary_results);
  return checked(statement.name, raw);
}

// Throws what a result that failed stands for; takes it in any case.
Rows Connection::checked(std::string_view what, PGresult* raw) const {
  std::shared_ptr<PGresult> result(raw, &PQclear);
  const ExecStatusType status = PQresultStatus(raw);
  if (status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK || status == PGRES_COPY_IN) {
    return Rows(std::move(result));
  }
  const char* const state = PQresultErrorField(raw, PG_DIAG_SQLSTATE);
  const bool lost = PQstatus(engine_->raw()) != CONNECTION_OK;
  throw_engine_error("executing " + std::string(what), password_, state == nullptr ? "" : state,
                     lost,
                     raw == nullptr ? PQerrorMessage(engine_->raw()) : PQresultErrorMessage(raw));
}

void Connection::copy(const std::string& copy_sql, std::string_view data, const Context& context) {
  run("a copy", context, [&] {
    PGconn* const raw = engine_->raw();
    Rows rows = checked("a copy", PQexec(raw, copy_sql.c_str()));
    constexpr std::size_t most_at_once = std::size_t{1} << 20;
    bool sent = true;
    for (std::string_view rest = data; sent && !rest.empty();) {
      const std::string_view part = rest.substr(0, most_at_once);
      sent = PQputCopyData(raw, part.data(), static_cast<int>(part.size())) == 1;
      rest.remove_prefix(part.size());
    }
    // Where sending failed, the result says why.
    static_cast<void>(PQputCopyEnd(raw, sent ? nullptr : "the data could not be sent"));
    PGresult* last = nullptr;
    while (PGresult* const next = PQgetResult(raw)) {
      PQclear(std::exchange(last, next));
    }
    return checked("a copy", last);
  });
}

Rows Connection::execute_text(std::string_view sql, const Context& context) {
  return run("a command", context, [&] { return Rows(engine_->session().run(std::string(sql))); });
}

bool Connection::is_usable() const noexcept {
  return usable_ && engine_->is_connected() && !engine_->process().is_forked() &&
         PQtransactionStatus(engine_->raw()) == PQTRANS_IDLE;
}

bool Connection::is_in_transaction() const noexcept {
  return PQtransactionStatus(engine_->raw()) != PQTRANS_IDLE;
}

std::chrono::steady_clock::time_point Connection::last_used() const noexcept { return last_used_; }

int Connection::server_version() const { return PQserverVersion(engine_->raw()); }

}  // namespace holdfast::postgresql
