// A transaction of several statements.
#pragma once

#include <string_view>

#include "connection.hpp"
#include "holdfast/context.hpp"
#include "holdfast/error.hpp"

namespace holdfast::postgresql {

// For transactions that read one state.
inline constexpr const char* begin_snapshot = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";

// Is rolled back with this object, unless it was committed. A connection that does not get out of
// it is not usable any more.
class OpenTransaction {
 public:
  // `begin` is a BEGIN with its modes; other statements without arguments may follow.
  OpenTransaction(Connection& connection, std::string_view begin, const Context& context)
      : connection_(connection), began_(connection.execute_text(begin, context)) {}
  ~OpenTransaction() {
    if (committed_) return;
    try {
      connection_.execute_text("ROLLBACK", {});
    } catch (const Error&) {  // It is lost, and the transaction with it.
    }
  }
  OpenTransaction(const OpenTransaction&) = delete;
  OpenTransaction& operator=(const OpenTransaction&) = delete;

  // What the last of the statements that it began with gave.
  [[nodiscard]] const Rows& began() const noexcept { return began_; }
  void commit(const Context& context) {
    committed_ = true;
    connection_.execute_text("COMMIT", context);
  }

 private:
  Connection& connection_;
  const Rows began_;
  bool committed_ = false;
};

}  // namespace holdfast::postgresql
