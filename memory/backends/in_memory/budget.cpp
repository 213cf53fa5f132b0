#include "budget.hpp"

#include <algorithm>
#include <limits>
#include <utility>

namespace holdfast::in_memory {
namespace {

constexpr std::int64_t unlimited = std::numeric_limits<std::int64_t>::max();

std::int64_t limit(const std::optional<std::uint64_t>& maximum) {
  if (!maximum || *maximum > static_cast<std::uint64_t>(unlimited)) return unlimited;
  return static_cast<std::int64_t>(*maximum);
}

bool take(std::atomic<std::int64_t>& used, std::int64_t more, std::int64_t maximum) noexcept {
  if (more <= 0) return true;
  std::int64_t now = used.load();
  do {
    if (more > maximum - now) return false;
  } while (!used.compare_exchange_weak(now, now + more));
  return true;
}

}  // namespace

Budget::Budget(std::string subject, std::optional<std::uint64_t> max_entries,
               std::optional<std::uint64_t> max_bytes)
    : subject_(std::move(subject)),
      max_entries_(limit(max_entries)),
      max_bytes_(limit(max_bytes)) {}

LimitedBy Budget::reserve(const Usage& change) noexcept {
  if (!take(entries_, change.entries, max_entries_)) return LimitedBy::entries;
  if (!take(bytes_, change.bytes, max_bytes_)) {
    if (change.entries > 0) entries_ -= change.entries;
    return LimitedBy::bytes;
  }
  return LimitedBy::nothing;
}

void Budget::cancel(const Usage& change) noexcept {
  if (change.entries > 0) entries_ -= change.entries;
  if (change.bytes > 0) bytes_ -= change.bytes;
}

void Budget::settle(const Usage& change) noexcept {
  if (change.entries < 0) entries_ += change.entries;
  if (change.bytes < 0) bytes_ += change.bytes;
}

LimitedBy Budget::would_never_fit(const Usage& usage) const noexcept {
  if (usage.entries > max_entries_) return LimitedBy::entries;
  if (usage.bytes > max_bytes_) return LimitedBy::bytes;
  return LimitedBy::nothing;
}

bool Budget::has_room_for(const Usage& change) const noexcept {
  const Usage now = used();
  return (change.entries <= 0 || change.entries <= max_entries_ - now.entries) &&
         (change.bytes <= 0 || change.bytes <= max_bytes_ - now.bytes);
}

std::string Budget::refusal(LimitedBy by, const Usage& change) const {
  const bool entries = by == LimitedBy::entries;
  const std::string unit = entries ? " entries" : " bytes";
  const Usage now = used();
  return subject_ + " holds " + std::to_string(entries ? now.entries : now.bytes) + " of " +
         (entries ? "max_entries=" : "max_bytes=") +
         std::to_string(entries ? max_entries_ : max_bytes_) + unit + "; this write adds " +
         std::to_string(entries ? change.entries : change.bytes);
}

}  // namespace holdfast::in_memory
