// SqliteBackend::reading, which two sources need.
#pragma once

#include <utility>

#include "errors.hpp"
#include "sqlite_backend.hpp"

namespace holdfast::sqlite {

template <typename Body>
auto SqliteBackend::reading(const Context& context, Body&& body) {
  check_usable(context);
  // Nothing is served from a file whose last commit is in doubt; this settles it or throws.
  if (writer_ != nullptr && writer_->in_doubt()) {
    writing(context, false, [](WriteTransaction&) { return true; });
  }
  auto lease = readers_->acquire(context);
  try {
    return std::forward<Body>(body)(*lease.operator->());
  } catch (const EngineError& error) {
    if (error.is_io_error()) lease.discard();
    throw;
  }
}

}  // namespace holdfast::sqlite
