// A transaction of several statements.
#pragma once

#include <string_view>

#include "connection.hpp"
#include "holdfast/context.hpp"
#include "holdfast/error.hpp"

namespace holdfast::postgresql {

// Is rolled back with this object, unless it was committed. A connection that does not get out of
// it is not usable any more.
class OpenTransaction {
 public:
  // `begin` is a BEGIN with its modes.
  OpenTransaction(Connection& connection, std::string_view begin, const Context& context)
      : connection_(connection) {
    connection.execute_text(begin, context);
  }
  ~OpenTransaction() {
    if (committed_) return;
    try {
      connection_.execute_text("ROLLBACK", {});
    } catch (const Error&) {  // It is lost, and the transaction with it.
    }
  }
  OpenTransaction(const OpenTransaction&) = delete;
  OpenTransaction& operator=(const OpenTransaction&) = delete;

  void commit(const Context& context) {
    committed_ = true;
    connection_.execute_text("COMMIT", context);
  }

 private:
  Connection& connection_;
  bool committed_ = false;
};

}  // namespace holdfast::postgresql
