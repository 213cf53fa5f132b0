// Entries read a page at a time.
#pragma once

#include <cstddef>

#include "entry_source.hpp"
#include "holdfast/memory.hpp"

namespace holdfast {

// Holds nothing of the store between two pages: each is a state of its own. `memory` must outlive
// the stream.
class PageStream final : public EntrySource {
 public:
  PageStream(Memory& memory, MemoryQuery query, const Context& context = {});

  bool next(Entry& entry) override;

 private:
  void fetch_page();

  Memory& memory_;
  MemoryQuery query_;
  Context context_;
  Page page_;
  std::size_t position_ = 0;
  bool is_last_ = false;
};

}  // namespace holdfast
