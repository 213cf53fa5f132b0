// Blocks: how parts of an index are written down. A block holds postings of one term, or documents,
// of one namespace.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "posting_list.hpp"

namespace holdfast::search {

// Another number with every change of the format; part of what an index remembers as its version.
inline constexpr int block_format = 1;

// Numbers are written in groups of seven bits, the lowest first, the eighth bit set in all but the
// last (LEB128); revisions as differences to the one before.
[[nodiscard]] std::string encode(const PostingList& list, std::size_t begin, std::size_t end);
[[nodiscard]] std::string encode(const DocumentList& list, std::size_t begin, std::size_t end);

// Add what a block holds. They throw `Corruption` for text that is no such block, or whose
// revisions do not ascend from those in the list.
void decode(std::string_view block, PostingList& to);
void decode(std::string_view block, DocumentList& to);

}  // namespace holdfast::search
