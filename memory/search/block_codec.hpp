// How parts of an index are written down: as blocks, which hold postings of one term, or documents,
// of one namespace; or, where an index keeps a row for each document, as what that row holds.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

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

// What a posting, and what a document, has beside its revision.
[[nodiscard]] std::string encode(std::span<const FieldCount> counts);
[[nodiscard]] std::string encode(std::span<const std::uint32_t> lengths);

// Add rows that stand one behind the other: each its revision in eight bytes, the highest first,
// and behind it what `encode` gave. They throw as `decode` does.
void decode_rows(std::string_view rows, PostingList& to);
void decode_rows(std::string_view rows, DocumentList& to);
// Rows that are nothing but a revision.
[[nodiscard]] std::vector<Revision> decode_revisions(std::string_view rows);

}  // namespace holdfast::search
