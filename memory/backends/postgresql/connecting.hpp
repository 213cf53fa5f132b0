// How a connection comes about.
#pragma once

#include <libpq-fe.h>

#include <memory>

#include "connection_string.hpp"
#include "holdfast/context.hpp"

namespace holdfast::postgresql {

struct ConnectionCloser {
  void operator()(PGconn* raw) const noexcept { PQfinish(raw); }
};
using RawConnection = std::unique_ptr<PGconn, ConnectionCloser>;

// Connects with libpq, in steps, so that the context's deadline and stop token end it. Each host
// has connect_timeout, 10 s where none is given. Throws EngineError: PermissionDenied,
// FailedPrecondition or Unavailable; DeadlineExceeded or Cancelled by the context.
[[nodiscard]] RawConnection connect(const ConnectionString& target, const Context& context);

}  // namespace holdfast::postgresql
