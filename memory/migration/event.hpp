// What happened at a source, in the order in which it happened.
#pragma once

#include <cstdint>
#include <memory>

#include "holdfast/memory.hpp"
#include "holdfast/reconcile.hpp"

namespace holdfast::migration {

struct Event {
  enum class Kind : std::uint8_t {
    created,  // The entry was created with this revision; it may have changed since.
    updated,  // This revision is that of the last write.
    removed,  // Something was removed from the address; of the entry only that is filled.
  };
  Kind kind = Kind::updated;
  Revision number = 0;
  Entry entry{};
};

// Events in ascending order, one at a time. For one thread.
class EventStream {
 public:
  virtual ~EventStream() = default;
  // False: there are no more.
  [[nodiscard]] virtual bool next(Event& event) = 0;
};

// Which part of a source's history to read.
struct History {
  Revision after = 0;
  Revision until = 0;
  // Nothing of the scope was copied before `until` was fixed: what does not match the filter has
  // no copy that would have to go.
  bool first_time = true;
};

// The history of what `map` covers. With `keep`, the last write of each entry: it carries both
// revisions. With `assign`, creations and last writes, so that both orders can be made anew.
// Removals where the source has a change log and it is not the first time.
[[nodiscard]] std::unique_ptr<EventStream> open_history(Memory& source, const AddressMap& map,
                                                        RestoreRevisions revisions,
                                                        const History& history,
                                                        const Context& context);

}  // namespace holdfast::migration
