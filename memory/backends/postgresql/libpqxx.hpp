// The one place that knows how libpqxx 6.4 and 7.10 differ.
#pragma once

#include <libpq-fe.h>

#include <cstddef>
#include <exception>
#include <memory>
#include <optional>
#include <pqxx/pqxx>
#include <string>
#include <string_view>
#include <utility>

#include "arguments.hpp"

static_assert(PQXX_VERSION_MAJOR == 6 || PQXX_VERSION_MAJOR == 7,
              "Holdfast knows libpqxx 6.4 and 7.10");

namespace holdfast::postgresql::libpqxx {

// libpq's connection, owned by whoever made it, as libpqxx takes it. libpqxx neither opens nor
// closes anything here: libpq connects in steps, so that a deadline ends that too, and 6.4 would
// otherwise open a lost connection again behind the caller's back.
#if PQXX_VERSION_MAJOR == 6

class BorrowedPolicy : public pqxx::connectionpolicy {
 public:
  explicit BorrowedPolicy(PGconn* raw) : pqxx::connectionpolicy(std::string()), raw_(raw) {}
  // Given out once.
  handle do_startconnect(handle known) override {
    return known != nullptr ? known : std::exchange(raw_, nullptr);
  }
  handle do_completeconnect(handle known) override { return known; }
  handle do_dropconnect(handle) noexcept override { return nullptr; }
  handle do_disconnect(handle) noexcept override { return nullptr; }
  [[nodiscard]] bool is_ready(handle known) const noexcept override { return known != nullptr; }

 private:
  handle raw_;
};

class BorrowedConnection : private BorrowedPolicy, private pqxx::connection_base {
 public:
  explicit BorrowedConnection(PGconn* raw)
      : BorrowedPolicy(raw), pqxx::connection_base(static_cast<pqxx::connectionpolicy&>(*this)) {
    init();
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
    inhibit_reactivation(true);
#pragma GCC diagnostic pop
  }
  ~BorrowedConnection() override { close(); }
  BorrowedConnection(const BorrowedConnection&) = delete;
  BorrowedConnection& operator=(const BorrowedConnection&) = delete;
  [[nodiscard]] pqxx::connection_base& get() noexcept { return *this; }
};

#else

class BorrowedConnection {
 public:
  explicit BorrowedConnection(PGconn* raw)
      : connection_(pqxx::connection::seize_raw_connection(raw)) {}
  ~BorrowedConnection() { static_cast<void>(std::move(connection_).release_raw_connection()); }
  BorrowedConnection(const BorrowedConnection&) = delete;
  BorrowedConnection& operator=(const BorrowedConnection&) = delete;
  [[nodiscard]] pqxx::connection& get() noexcept { return connection_; }

 private:
  pqxx::connection connection_;
};

#endif

// Runs statements on a connection, each as it stands: there is no transaction but those that the
// statements begin.
class Session {
 public:
  explicit Session(PGconn* raw) : connection_(raw), transaction_(connection_.get()) {
    // Whatever libpqxx set: what a server has to say besides errors is not for stderr.
    PQsetNoticeReceiver(
        raw, [](void*, const PGresult*) {}, nullptr);
  }

  pqxx::result run(const std::string& sql) {
#if PQXX_VERSION_MAJOR == 6
    return transaction_.exec(sql);
#else
    return transaction_.exec(pqxx::zview(sql));
#endif
  }

  void prepare(const std::string& name, const std::string& sql) {
    connection_.get().prepare(name.c_str(), sql.c_str());
#if PQXX_VERSION_MAJOR == 6
    connection_.get().prepare_now(name);
#endif
  }

  pqxx::result run(const std::string& sql, const Arguments& arguments) {
#if PQXX_VERSION_MAJOR == 6
    const auto pointers = arguments.pointers();
    return transaction_.exec_params(sql, pqxx::prepare::make_dynamic_params(pointers));
#else
    return transaction_.exec(pqxx::zview(sql), parameters(arguments));
#endif
  }

  pqxx::result run_prepared(const std::string& name, const Arguments& arguments) {
#if PQXX_VERSION_MAJOR == 6
    const auto pointers = arguments.pointers();
    return transaction_.exec_prepared(name, pqxx::prepare::make_dynamic_params(pointers));
#else
    return transaction_.exec(pqxx::prepped(pqxx::zview(name)), parameters(arguments));
#endif
  }

 private:
#if PQXX_VERSION_MAJOR != 6
  // Views of the arguments.
  static pqxx::params parameters(const Arguments& arguments) {
    pqxx::params parameters;
    parameters.reserve(arguments.size());
    for (const char* const pointer : arguments.pointers()) {
      if (pointer == nullptr) {
        parameters.append();
      } else {
        parameters.append(pqxx::zview(pointer));
      }
    }
    return parameters;
  }
#endif

  BorrowedConnection connection_;
  pqxx::nontransaction transaction_;
};

// The state that the server gave with an error; empty: none.
inline std::string sqlstate_of(const std::exception& error) {
  const auto* const sql_error = dynamic_cast<const pqxx::sql_error*>(&error);
  if (sql_error != nullptr && !sql_error->sqlstate().empty()) return sql_error->sqlstate();
  // Exceptions that stand for a state without holding it: in 7.10 the last two, in 6.4 all.
  const auto is = [&]<typename Kind>(const Kind*) {
    return dynamic_cast<const Kind*>(&error) != nullptr;
  };
  if (is(static_cast<pqxx::serialization_failure*>(nullptr))) return "40001";
  if (is(static_cast<pqxx::deadlock_detected*>(nullptr))) return "40P01";
  if (is(static_cast<pqxx::statement_completion_unknown*>(nullptr))) return "40003";
  if (is(static_cast<pqxx::transaction_rollback*>(nullptr))) return "40000";
  if (is(static_cast<pqxx::insufficient_privilege*>(nullptr))) return "42501";
  if (is(static_cast<pqxx::too_many_connections*>(nullptr))) return "53300";
  return {};
}

// Whether it says that the connection is gone.
inline bool is_lost_connection(const std::exception& error) {
  if (dynamic_cast<const pqxx::too_many_connections*>(&error) != nullptr) return false;
  return dynamic_cast<const pqxx::broken_connection*>(&error) != nullptr ||
         dynamic_cast<const pqxx::in_doubt_error*>(&error) != nullptr;
}

inline pqxx::field field_of(const pqxx::result& result, std::size_t row, std::size_t column) {
  return result.at(static_cast<pqxx::result::size_type>(row))
      .at(static_cast<pqxx::row::size_type>(column));
}

inline bool is_null(const pqxx::result& result, std::size_t row, std::size_t column) {
  return field_of(result, row, column).is_null();
}

// Lives as long as the result does.
inline std::string_view text(const pqxx::result& result, std::size_t row, std::size_t column) {
  const pqxx::field field = field_of(result, row, column);
  return {field.c_str(), static_cast<std::size_t>(field.size())};
}

}  // namespace holdfast::postgresql::libpqxx
