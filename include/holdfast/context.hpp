/// @file
/// What every call can carry besides its arguments (contract, clause 12).
#pragma once

#include <chrono>
#include <optional>
#include <stop_token>
#include <string>

#include "holdfast/time.hpp"

namespace holdfast {

/// Passed as the last argument of a call. A default-constructed one sets no limits.
struct Context {
  /// When it passes before the call took effect: `DeadlineExceeded`, nothing changed.
  std::optional<std::chrono::steady_clock::time_point> deadline{};
  /// When it is triggered before the call took effect: `Cancelled`, nothing changed.
  std::stop_token stop{};
  std::string caller{};  ///< Who is calling, for access control and logs.
  std::string trace{};   ///< A trace id, for logs.
  /// The instant that this call takes for now. Set by transactions, so that one attempt uses one
  /// instant; empty: the store's clock is read once.
  std::optional<Timestamp> instant{};

  /// Throws `DeadlineExceeded` or `Cancelled` where due. Long scans call it now and then.
  void check() const;
};

}  // namespace holdfast
