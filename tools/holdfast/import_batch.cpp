#include "import_batch.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

namespace holdfast::program {
namespace {

constexpr std::size_t batch_entries_max = 1000;
constexpr std::size_t batch_bytes_max = std::size_t{8} << 20;

}  // namespace

bool ImportBatch::is_full() const noexcept {
  return entries_.size() >= batch_entries_max || bytes_ >= batch_bytes_max;
}

bool ImportBatch::holds(const Entry& entry) const {
  return addresses_.contains({entry.ns, entry.key});
}

void ImportBatch::add(Entry entry, std::uint64_t line) {
  bytes_ += entry.size_bytes();
  addresses_.emplace(entry.ns, entry.key);
  entries_.push_back(std::move(entry));
  lines_.push_back(line);
}

std::size_t rank_by_revisions(std::span<RestoreOp> ops) {
  struct Number {
    Revision revision;
    std::size_t op;
    bool is_last_write;
  };
  std::vector<Number> numbers;
  for (std::size_t i = 0; i < ops.size(); ++i) {
    const Record& record = *ops[i].record;
    const bool written_once = record.created_revision == record.revision;
    numbers.push_back({record.created_revision, i, written_once});
    if (!written_once) numbers.push_back({record.revision, i, true});
  }
  std::sort(numbers.begin(), numbers.end(), [](const Number& a, const Number& b) {
    return std::tie(a.revision, a.op) < std::tie(b.revision, b.op);
  });
  for (std::size_t rank = 0; rank < numbers.size(); ++rank) {
    RestoreOp& op = ops[numbers[rank].op];
    const bool written_once = op.record->created_revision == op.record->revision;
    if (written_once || !numbers[rank].is_last_write) op.created_rank = rank;
    if (numbers[rank].is_last_write) op.rank = rank;
  }
  return numbers.size();
}

std::size_t rank_by_place(std::span<RestoreOp> ops) {
  for (std::size_t i = 0; i < ops.size(); ++i) {
    ops[i].created_rank = i;
    ops[i].rank = i;
  }
  return ops.size();
}

}  // namespace holdfast::program
