// Entries that come one at a time, whatever they come from.
#pragma once

#include "holdfast/entry.hpp"

namespace holdfast {

// Used by one thread at a time.
class EntrySource {
 public:
  virtual ~EntrySource() = default;

  // False at the end. Throws what reading the store threw, after the entries before it.
  virtual bool next(Entry& entry) = 0;
};

}  // namespace holdfast
