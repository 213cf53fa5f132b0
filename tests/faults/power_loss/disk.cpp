#include "disk.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace holdfast::fault_tests {
namespace {

constexpr std::uint64_t sector_bytes = 512;
constexpr std::uint64_t page_bytes = 4096;  // Of the operating system's cache.
// In the place of a sector: decisions about the size of a file and about names.
constexpr std::uint64_t size_place = ~std::uint64_t{0};
constexpr std::uint64_t name_place = size_place - 1;

// A number that three others give: that of splitmix64.
std::uint64_t mixed(std::uint64_t a, std::uint64_t b, std::uint64_t c) {
  std::uint64_t x = a;
  for (const std::uint64_t next : {b, c, std::uint64_t{1}}) {
    x += next + 0x9e3779b97f4a7c15U;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9U;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebU;
    x ^= x >> 31;
  }
  return x;
}

}  // namespace

// Decides about each change of each sector.
class Disk::Survival {
 public:
  Survival(Damage damage, std::uint64_t seed, std::uint64_t first, std::uint64_t last)
      : damage_(damage),
        seed_(seed),
        first_(first),
        span_(last - first + 1),
        cut_(first + mixed(seed, 1, 2) % (span_ + 1)) {}

  // Whether what was done at `time` has reached that sector of that file.
  [[nodiscard]] bool keeps(std::uint64_t time, std::uint64_t file, std::uint64_t place) const {
    switch (damage_) {
      case Damage::lost:
        return false;
      case Damage::kept:
        return true;
      case Damage::cut:
        return time < cut_;
      case Damage::dropped:
        return mixed(seed_, time, 3) % 2 == 0;
      case Damage::torn:
        return time < first_ + mixed(seed_, file, place) % (span_ + 1);
    }
    return false;
  }

 private:
  Damage damage_;
  std::uint64_t seed_;
  std::uint64_t first_;
  std::uint64_t span_;
  std::uint64_t cut_;
};

Disk::Disk(const Files& files) {
  for (const auto& [name, content] : files) {
    names_[name] = files_.size();
    files_.push_back({content, {}});
  }
  synced_names_ = names_;
}

void Disk::apply(const Change& change, std::string& content) {
  if (!change.bytes) {
    content.resize(change.offset, '\0');
    return;
  }
  const std::uint64_t end = change.offset + change.bytes->size();
  if (content.size() < end) content.resize(end, '\0');
  content.replace(change.offset, change.bytes->size(), *change.bytes);
}

// Writing to a page writes all of it, which makes a difference once a sync has failed.
void Disk::change(File& file, Change change) {
  if (file.cached) {
    apply(change, *file.cached);
    if (change.bytes) {
      const std::uint64_t end = change.offset + change.bytes->size();
      change.offset = change.offset / page_bytes * page_bytes;
      const std::uint64_t last = (end + page_bytes - 1) / page_bytes * page_bytes;
      change.bytes = file.cached->substr(change.offset, last - change.offset);
    }
  }
  file.pending.push_back(std::move(change));
}

void Disk::sync(File& file) {
  for (const Change& change : file.pending) apply(change, file.synced);
  file.pending.clear();
}

// As Linux does: some of it has been written, and the rest stays in the cache, where processes find
// it, but counts as written too, so that no later sync writes it.
void Disk::fail_to_sync(File& file) {
  if (!file.cached) {
    file.cached = file.synced;
    for (const Change& change : file.pending) apply(change, *file.cached);
  }
  for (const Change& change : file.pending) {
    const bool is_written = !change.bytes || mixed(change.time, 5, 8) % 2 == 0;
    if (is_written) apply(change, file.synced);
  }
  file.synced.resize(file.cached->size(), '\0');
  file.pending.clear();
}

void Disk::give_name(const std::string& name, std::optional<std::size_t> file) {
  pending_names_.push_back({name, file, time_});
  if (file) {
    names_[name] = *file;
  } else {
    names_.erase(name);
  }
}

void Disk::take(const DiskEvent& event) {
  ++time_;
  using Kind = DiskEvent::Kind;
  if (event.kind == Kind::make) {
    files_.emplace_back();
    return give_name(event.name, files_.size() - 1);
  }
  if (event.kind == Kind::sync_folder) {
    synced_names_ = names_;
    pending_names_.clear();
    return;
  }
  const auto found = names_.find(event.name);
  if (found == names_.end()) throw std::logic_error("no file is named " + event.name);
  if (event.kind == Kind::remove) return give_name(event.name, std::nullopt);
  if (event.kind == Kind::link) return give_name(event.bytes, found->second);
  File& file = files_[found->second];
  switch (event.kind) {
    case Kind::write:
      return change(file, {event.offset, event.bytes, time_});
    case Kind::truncate:
      return change(file, {event.offset, std::nullopt, time_});
    case Kind::failed_sync:
      return fail_to_sync(file);
    default:
      return sync(file);
  }
}

Files Disk::lose_power(Damage damage, std::uint64_t seed) const {
  std::uint64_t first = time_;
  for (const File& file : files_) {
    if (!file.pending.empty()) first = std::min(first, file.pending.front().time);
  }
  if (!pending_names_.empty()) first = std::min(first, pending_names_.front().time);
  const Survival survival(damage, seed, first, time_);
  Files found;
  for (const auto& [name, file] : surviving_names(survival))
    found[name] = surviving(file, survival);
  return found;
}

// Of each name by itself what was done first.
Disk::Names Disk::surviving_names(const Survival& survival) const {
  Names names = synced_names_;
  std::map<std::string, bool> ended;
  for (const Renaming& renaming : pending_names_) {
    const std::uint64_t of_name = std::hash<std::string>{}(renaming.name);
    bool& has_ended = ended[renaming.name];
    has_ended = has_ended || !survival.keeps(renaming.time, of_name, name_place);
    if (has_ended) continue;
    if (renaming.file) {
      names[renaming.name] = *renaming.file;
    } else {
      names.erase(renaming.name);
    }
  }
  return names;
}

std::string Disk::surviving(std::size_t number, const Survival& survival) const {
  const File& file = files_[number];
  std::string content = file.synced;
  std::uint64_t size = content.size();
  for (const Change& change : file.pending) {
    const bool keeps_size = survival.keeps(change.time, number, size_place);
    if (!change.bytes) {
      // A file system cuts a file off as a whole or not at all.
      if (!keeps_size) continue;
      size = change.offset;
      content.resize(size, '\0');
      continue;
    }
    const std::uint64_t end = change.offset + change.bytes->size();
    if (keeps_size) size = std::max(size, end);
    if (content.size() < end) content.resize(end, '\0');
    for (std::uint64_t at = change.offset; at < end;) {
      const std::uint64_t next = std::min(end, (at / sector_bytes + 1) * sector_bytes);
      if (survival.keeps(change.time, number, at / sector_bytes)) {
        content.replace(at, next - at, *change.bytes, at - change.offset, next - at);
      }
      at = next;
    }
  }
  content.resize(size, '\0');
  return content;
}

}  // namespace holdfast::fault_tests
