#include "holdfast/context.hpp"

#include "holdfast/error.hpp"

namespace holdfast {

void Context::check() const {
  if (stop.stop_requested()) {
    throw Error(ErrorCode::cancelled, "the call was cancelled before it took effect");
  }
  if (deadline && std::chrono::steady_clock::now() >= *deadline) {
    throw Error(ErrorCode::deadline_exceeded, "the call's deadline passed before it took effect");
  }
}

}  // namespace holdfast
