// Limits that hold at every instant: what a write will add is reserved before it is made.
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <string>

namespace holdfast::in_memory {

// What entries take, or by how much a write changes that.
struct Usage {
  std::int64_t entries = 0;
  std::int64_t bytes = 0;

  Usage& operator+=(const Usage& other) noexcept {
    entries += other.entries;
    bytes += other.bytes;
    return *this;
  }
};

// One side of a limit that stood in the way.
enum class LimitedBy : std::uint8_t { nothing, entries, bytes };

// The limits of the store, or of a quota. Safe to use from many threads.
class Budget {
 public:
  // `subject` says in messages what is limited: "the store", "the quota of users/42".
  Budget(std::string subject, std::optional<std::uint64_t> max_entries,
         std::optional<std::uint64_t> max_bytes);

  // Takes what `change` adds, all or nothing; what it frees stays taken until `settle`.
  [[nodiscard]] LimitedBy reserve(const Usage& change) noexcept;
  // Gives a reservation back.
  void cancel(const Usage& change) noexcept;
  // Gives back what `change` freed, once it is made.
  void settle(const Usage& change) noexcept;

  [[nodiscard]] Usage used() const noexcept { return {entries_.load(), bytes_.load()}; }
  // Whether `usage` alone would fit.
  [[nodiscard]] LimitedBy would_never_fit(const Usage& usage) const noexcept;
  [[nodiscard]] bool has_room_for(const Usage& change) const noexcept;
  [[nodiscard]] std::string refusal(LimitedBy by, const Usage& change) const;

 private:
  std::string subject_;
  std::int64_t max_entries_;
  std::int64_t max_bytes_;
  std::atomic<std::int64_t> entries_{0};
  std::atomic<std::int64_t> bytes_{0};
};

}  // namespace holdfast::in_memory
