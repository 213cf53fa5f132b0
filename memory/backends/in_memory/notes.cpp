#include "notes.hpp"

#include <utility>

namespace holdfast::in_memory {

Notes::Prepared Notes::prepare(const Note& note) {
  Texts one;
  one.emplace(note.name, note.text);
  return one.extract(one.begin());
}

void Notes::put(Prepared note) noexcept {
  const std::lock_guard lock(mutex_);
  const auto old = texts_.find(note.key());
  if (old != texts_.end()) texts_.erase(old);
  if (!note.mapped().empty()) texts_.insert(std::move(note));
}

std::optional<std::string> Notes::text_of(std::string_view name) const {
  const std::lock_guard lock(mutex_);
  const auto found = texts_.find(name);
  if (found == texts_.end()) return std::nullopt;
  return found->second;
}

bool Notes::empty() const {
  const std::lock_guard lock(mutex_);
  return texts_.empty();
}

}  // namespace holdfast::in_memory
