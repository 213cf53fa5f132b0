#include "page_stream.hpp"

#include <algorithm>
#include <utility>

namespace holdfast {
namespace {

// A page holds about so much: memory stays bounded whatever the size of the values.
constexpr std::size_t wanted_bytes = std::size_t{1} << 20;
constexpr std::size_t first_limit = 16;
constexpr std::size_t most_entries = 1000;

// How many entries to ask for next, given the page before.
std::size_t next_limit(const Page& page) {
  std::size_t bytes = 1;
  for (const Entry& entry : page.entries) bytes += entry.size_bytes();
  const std::size_t fitting = page.entries.size() * wanted_bytes / bytes;
  // Grows slowly, for larger values may follow.
  return std::clamp(std::min(fitting, 4 * page.entries.size()), std::size_t{1}, most_entries);
}

}  // namespace

PageStream::PageStream(Memory& memory, MemoryQuery query, const Context& context)
    : memory_(memory), query_(std::move(query)), context_(context) {
  query_.limit = first_limit;
}

bool PageStream::next(Entry& entry) {
  if (position_ == page_.entries.size()) {
    if (is_last_) return false;
    fetch_page();
    if (page_.entries.empty()) return false;
  }
  entry = std::move(page_.entries[position_++]);
  return true;
}

void PageStream::fetch_page() {
  page_ = memory_.query(query_, context_);
  position_ = 0;
  query_.cursor = page_.cursor;
  is_last_ = page_.cursor.empty();
  if (!page_.entries.empty()) query_.limit = next_limit(page_);
}

}  // namespace holdfast
