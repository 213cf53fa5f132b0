/// @file
/// Ids for messages that were given none.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>

#include "holdfast/time.hpp"

namespace holdfast {

/// Makes UUIDs of version 7, such as "0190163d-8694-739b-aea5-966c26f8ad91". Each sorts after the
/// one that the same object made before, also within a millisecond and when the clock stands still
/// or is set back; 62 random bits keep apart those of different processes. Safe to use from many
/// threads.
class MessageIdSource {
 public:
  /// Gives 64 random bits. The default asks the operating system each time, so that a process and
  /// its fork do not go on with the same ones.
  using Random = std::function<std::uint64_t()>;

  explicit MessageIdSource(std::shared_ptr<Clock> clock = system_clock(), Random random = {});
  [[nodiscard]] std::string next();

 private:
  std::shared_ptr<Clock> clock_;
  Random random_;
  std::mutex mutex_;
  std::uint64_t last_ = 0;  ///< Milliseconds in the upper 48 bits used, a counter in the lower 12.
};

/// The one that conversations use unless they are given another; one object for the process.
[[nodiscard]] const std::shared_ptr<MessageIdSource>& message_ids();

}  // namespace holdfast
