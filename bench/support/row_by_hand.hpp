// What those that write to an engine by hand read of an entry.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace holdfast::bench {

// All that Holdfast gives back of one, but for its namespace, which the caller named.
struct RowByHand {
  std::string key;
  std::string value;
  std::int64_t revision = 0;
  std::int64_t created_revision = 0;
  std::int64_t created_at = 0;
  std::int64_t updated_at = 0;
  std::optional<std::int64_t> expires_at{};
};

}  // namespace holdfast::bench
