// The texts that the library keeps in a store beside the entries.
#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "holdfast/change.hpp"

namespace holdfast::in_memory {

// Safe to call from many threads at once.
class Notes {
  using Texts = std::map<std::string, std::string, std::less<>>;

 public:
  // A note with everything done that can fail.
  using Prepared = Texts::node_type;
  [[nodiscard]] static Prepared prepare(const Note& note);

  // Takes the place of the note of that name; an empty text only removes that one. Who holds locks
  // of entries meanwhile makes both visible as one step.
  void put(Prepared note) noexcept;
  [[nodiscard]] std::optional<std::string> text_of(std::string_view name) const;
  [[nodiscard]] bool empty() const;

 private:
  mutable std::mutex mutex_;  // Nobody waits for anything while holding it.
  Texts texts_;
};

}  // namespace holdfast::in_memory
