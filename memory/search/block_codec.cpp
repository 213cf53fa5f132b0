#include "block_codec.hpp"

#include <cstdint>
#include <limits>
#include <vector>

#include "holdfast/error.hpp"

namespace holdfast::search {
namespace {

[[noreturn]] void refuse() {
  throw Error(ErrorCode::corruption, "a block of the search index is damaged; reindex mends it");
}

void write(std::string& to, std::uint64_t number) {
  while (number >= 0x80) {
    to.push_back(static_cast<char>(number | 0x80));
    number >>= 7;
  }
  to.push_back(static_cast<char>(number));
}

void write_difference(std::string& to, Revision before, Revision created) {
  write(to, static_cast<std::uint64_t>(created - before));
}

class NumberReader {
 public:
  explicit NumberReader(std::string_view block) noexcept
      : at_(block.data()), end_(block.data() + block.size()) {}

  [[nodiscard]] bool at_end() const noexcept { return at_ == end_; }
  [[nodiscard]] std::uint64_t number() {
    std::uint64_t number = 0;
    for (unsigned shift = 0; at_ != end_ && shift < 64; shift += 7) {
      const auto group = static_cast<unsigned char>(*at_++);
      number |= std::uint64_t{group & 0x7fU} << shift;
      if (group < 0x80) return number;
    }
    refuse();
  }
  [[nodiscard]] std::uint32_t small() {
    const std::uint64_t read = number();
    if (read > std::numeric_limits<std::uint32_t>::max()) refuse();
    return static_cast<std::uint32_t>(read);
  }
  // Eight bytes, the highest first.
  [[nodiscard]] Revision whole_revision() {
    std::uint64_t bits = 0;
    for (int i = 0; i < 8; ++i) {
      if (at_ == end_) refuse();
      bits = bits << 8 | static_cast<unsigned char>(*at_++);
    }
    return static_cast<Revision>(bits);
  }
  // The revision after `before`.
  [[nodiscard]] Revision revision(Revision before) {
    const std::uint64_t difference = number();
    const auto room = static_cast<std::uint64_t>(std::numeric_limits<Revision>::max() - before);
    if (difference == 0 || difference > room) refuse();
    return before + static_cast<Revision>(difference);
  }

 private:
  const char* at_;
  const char* end_;
};

void write_counts(std::string& to, std::span<const FieldCount> counts) {
  write(to, counts.size());
  for (const FieldCount& count : counts) {
    write(to, count.field);
    write(to, count.said);
    write(to, count.asked);
    write(to, count.length);
  }
}

void write_lengths(std::string& to, std::span<const std::uint32_t> lengths) {
  for (const std::uint32_t length : lengths) write(to, length);
}

void read_counts(NumberReader& reader, std::vector<FieldCount>& counts) {
  counts.clear();
  for (std::uint64_t left = reader.number(); left > 0; --left) {
    FieldCount& count = counts.emplace_back();
    count.field = reader.small();
    count.said = reader.small();
    count.asked = reader.small();
    count.length = reader.small();
  }
}

void read_lengths(NumberReader& reader, std::vector<std::uint32_t>& lengths) {
  for (std::uint32_t& length : lengths) length = reader.small();
}

template <typename List>
void check_ascends(const List& list, Revision created) {
  if (list.size() > 0 && created <= list.created(list.size() - 1)) refuse();
}

}  // namespace

std::string encode(const PostingList& list, std::size_t begin, std::size_t end) {
  std::string block;
  Revision before = 0;
  for (std::size_t i = begin; i < end; ++i) {
    write_difference(block, before, list.created(i));
    before = list.created(i);
    write_counts(block, list.counts(i));
  }
  return block;
}

std::string encode(const DocumentList& list, std::size_t begin, std::size_t end) {
  std::string block;
  Revision before = 0;
  for (std::size_t i = begin; i < end; ++i) {
    write_difference(block, before, list.created(i));
    before = list.created(i);
    write_lengths(block, list.lengths(i));
  }
  return block;
}

void decode(std::string_view block, PostingList& to) {
  NumberReader reader(block);
  std::vector<FieldCount> counts;
  Revision created = 0;
  while (!reader.at_end()) {
    created = reader.revision(created);
    check_ascends(to, created);
    read_counts(reader, counts);
    to.add(created, counts);
  }
}

void decode(std::string_view block, DocumentList& to) {
  NumberReader reader(block);
  std::vector<std::uint32_t> lengths(to.fields());
  Revision created = 0;
  while (!reader.at_end()) {
    created = reader.revision(created);
    check_ascends(to, created);
    read_lengths(reader, lengths);
    to.add(created, lengths);
  }
}

std::string encode(std::span<const FieldCount> counts) {
  std::string text;
  write_counts(text, counts);
  return text;
}

std::string encode(std::span<const std::uint32_t> lengths) {
  std::string text;
  write_lengths(text, lengths);
  return text;
}

void decode_rows(std::string_view rows, PostingList& to) {
  NumberReader reader(rows);
  std::vector<FieldCount> counts;
  while (!reader.at_end()) {
    const Revision created = reader.whole_revision();
    check_ascends(to, created);
    read_counts(reader, counts);
    to.add(created, counts);
  }
}

void decode_rows(std::string_view rows, DocumentList& to) {
  NumberReader reader(rows);
  std::vector<std::uint32_t> lengths(to.fields());
  while (!reader.at_end()) {
    const Revision created = reader.whole_revision();
    check_ascends(to, created);
    read_lengths(reader, lengths);
    to.add(created, lengths);
  }
}

std::vector<Revision> decode_revisions(std::string_view rows) {
  NumberReader reader(rows);
  std::vector<Revision> revisions;
  while (!reader.at_end()) revisions.push_back(reader.whole_revision());
  return revisions;
}

}  // namespace holdfast::search
