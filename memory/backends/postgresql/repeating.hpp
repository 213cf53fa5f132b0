// What may be done again where its connection is lost, or others get in the way.
#pragma once

#include <utility>

#include "errors.hpp"
#include "retry.hpp"
#include "store.hpp"

namespace holdfast::postgresql {

// Runs `body` on a connection; again where the connection was lost, or there was a conflict, for as
// long as retry_for and unless something was `delivered`.
template <typename Body>
auto repeatedly(Store& store, const Context& context, const bool& delivered, Body&& body) {
  store.process.check_not_forked();
  context.check();
  Backoff backoff(store.options.retry_for);
  while (true) {
    Pool::Lease lease = store.pool.acquire(context);
    try {
      return body(*lease);
    } catch (const EngineError& error) {
      if (delivered || !(error.connection_lost() || error.is_conflict())) throw;
      if (error.connection_lost()) lease.discard();
      if (!backoff.pause(context)) throw;
    }
  }
}

template <typename Body>
auto repeatedly(Store& store, const Context& context, Body&& body) {
  return repeatedly(store, context, false, std::forward<Body>(body));
}

}  // namespace holdfast::postgresql
