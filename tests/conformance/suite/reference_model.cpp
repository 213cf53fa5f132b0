#include "holdfast/conformance/reference_model.hpp"

#include <algorithm>
#include <limits>
#include <set>

namespace holdfast::conformance {
namespace {

bool is_live(const Record& record, Timestamp now) {
  return !record.expires_at || now < *record.expires_at;
}

bool is_in(const Scope& scope, const std::string& ns) {
  const std::string root(scope.ns.text());
  if (ns == root) return true;
  return scope.subtree && (root.empty() || ns.starts_with(root + "/"));
}

std::int64_t sum(std::int64_t a, std::int64_t b) {
  using Int64 = std::numeric_limits<std::int64_t>;
  if ((b > 0 && a > Int64::max() - b) || (b < 0 && a < Int64::min() - b)) {
    throw Refused{ErrorCode::out_of_range};
  }
  return a + b;
}

std::size_t code_point_bytes(std::string_view text) {
  std::size_t bytes = 1;
  while (bytes < text.size() && (static_cast<unsigned char>(text[bytes]) & 0xC0U) == 0x80U) ++bytes;
  return bytes;
}

std::optional<Timestamp> deadline(const std::optional<Ttl>& ttl, Timestamp now) {
  if (!ttl) return std::nullopt;
  return now + ttl->milliseconds();
}

}  // namespace

bool glob_matches(std::string_view pattern, std::string_view key) {
  if (pattern.empty()) return key.empty();
  if (pattern[0] == '*') {
    return glob_matches(pattern.substr(1), key) ||
           (!key.empty() && glob_matches(pattern, key.substr(code_point_bytes(key))));
  }
  if (key.empty()) return false;
  if (pattern[0] == '?') {
    return glob_matches(pattern.substr(1), key.substr(code_point_bytes(key)));
  }
  if (pattern[0] == '\\') pattern.remove_prefix(1);
  return pattern[0] == key[0] && glob_matches(pattern.substr(1), key.substr(1));
}

std::optional<Record> ReferenceModel::get(const Place& place, Timestamp now) const {
  const auto it = cells_.find(place);
  if (it == cells_.end() || !is_live(it->second, now)) return std::nullopt;
  return it->second;
}

std::optional<std::size_t> ReferenceModel::write(std::span<const WriteOp> ops,
                                                 std::vector<WriteResult>& results, Timestamp now) {
  const Cells before = cells_;
  const Revision revision_before = last_revision_;
  results.clear();
  try {
    for (const WriteOp& op : ops) {
      results.push_back(apply(op, now));
      if (results.back().status == WriteStatus::unmet && op.on_unmet == OnUnmet::abort_batch) {
        cells_ = before;
        last_revision_ = revision_before;
        return results.size() - 1;
      }
    }
  } catch (const Refused&) {
    cells_ = before;
    last_revision_ = revision_before;
    throw;
  }
  note_changes(before, now);
  return std::nullopt;
}

WriteResult ReferenceModel::apply(const WriteOp& op, Timestamp now) {
  const Place place{std::string(op.address.ns), std::string(op.address.key)};
  const std::optional<Record> live = get(place, now);
  WriteResult result;
  result.revision = live ? live->revision : 0;
  const bool holds = op.precondition.kind == Precondition::Kind::none ||
                     (op.precondition.kind == Precondition::Kind::if_absent && !live) ||
                     (op.precondition.kind == Precondition::Kind::if_present && live) ||
                     (op.precondition.kind == Precondition::Kind::if_revision && live &&
                      live->revision == op.precondition.revision);
  if (!holds) return result;
  if (op.return_previous) result.previous = live;
  if (op.kind == WriteOp::Kind::check) {
    result.status = WriteStatus::checked;
    return result;
  }
  const bool needs_live = op.kind == WriteOp::Kind::erase || op.kind == WriteOp::Kind::touch;
  if (needs_live && !live) {
    result.status = WriteStatus::absent;
    return result;
  }
  Record next;
  if (live) next = *live;
  if (op.kind == WriteOp::Kind::increment) {
    if (live && live->value.kind() != ValueKind::int64) {
      throw Refused{ErrorCode::failed_precondition};
    }
    result.number = sum(live ? live->value.get<std::int64_t>() : 0, op.delta);
    next.value = result.number;
  }
  result.revision = ++last_revision_;
  if (op.kind == WriteOp::Kind::erase) {
    result.status = WriteStatus::erased;
    cells_.erase(place);
    return result;
  }
  if (op.kind == WriteOp::Kind::set) {
    next.value = op.value;
    if (!op.keep_ttl) next.expires_at = deadline(op.ttl, now);
  }
  if (op.kind == WriteOp::Kind::touch) next.expires_at = deadline(op.ttl, now);
  next.revision = last_revision_;
  next.updated_at = now;
  if (!live) {
    next.created_revision = last_revision_;
    next.created_at = now;
  }
  cells_[place] = next;
  result.status = live ? WriteStatus::updated : WriteStatus::created;
  return result;
}

std::uint64_t ReferenceModel::clear(const Scope& scope, Timestamp now) {
  const Cells before = cells_;
  std::uint64_t live = 0;
  for (const auto& [place, record] : before) {
    if (!is_in(scope, place.first)) continue;
    if (is_live(record, now)) {
      ++live;
      ++last_revision_;
    }
    cells_.erase(place);
  }
  note_changes(before, now);
  return live;
}

void ReferenceModel::restore(std::span<const Entry> entries, Timestamp now) {
  const Cells before = cells_;
  for (const Entry& entry : entries) {
    if (!is_live(entry, now)) continue;
    Record record = entry;
    record.created_revision = ++last_revision_;
    record.revision = last_revision_;
    cells_[{std::string(entry.ns.text()), entry.key}] = record;
  }
  note_changes(before, now);
}

void ReferenceModel::commit(ReferenceModel changed, Timestamp now) {
  const Cells before = std::exchange(cells_, std::move(changed.cells_));
  last_revision_ = changed.last_revision_;
  note_changes(before, now);
}

void ReferenceModel::note_changes(const Cells& before, Timestamp now) {
  for (const auto& [place, record] : before) {
    if (!cells_.contains(place)) {
      bool& removed = touched_.places[place];
      removed = removed || is_live(record, now);
    }
  }
  for (const auto& [place, record] : cells_) {
    const auto it = before.find(place);
    if (it == before.end() || it->second.revision != record.revision) {
      touched_.places[place] = false;
    }
  }
}

std::vector<Entry> ReferenceModel::query(const MemoryQuery& query, const Matches& matches,
                                         Timestamp now) const {
  std::vector<Entry> entries;
  for (const auto& [place, record] : cells_) {
    const auto& [ns, key] = place;
    const auto in_range = [](const TimeRange& range, Timestamp t) {
      return (!range.from || *range.from <= t) && (!range.until || t < *range.until);
    };
    const std::string& pattern = query.key_pattern.text();
    if (!is_live(record, now) || !is_in(query.scope, ns) || !key.starts_with(query.key_prefix) ||
        (!pattern.empty() && !glob_matches(pattern, key)) ||
        !in_range(query.created, record.created_at) ||
        !in_range(query.updated, record.updated_at) || !matches(record.value)) {
      continue;
    }
    Entry entry;
    static_cast<Record&>(entry) = record;
    entry.ns = Namespace(ns);
    entry.key = key;
    entries.push_back(std::move(entry));
  }
  if (query.order != OrderBy::key) {
    std::ranges::sort(entries, {}, [&](const Entry& entry) {
      return query.order == OrderBy::created ? entry.created_revision : entry.revision;
    });
  }
  if (query.direction == Direction::descending) std::ranges::reverse(entries);
  return entries;
}

std::vector<std::string> ReferenceModel::namespaces(Timestamp now) const {
  std::set<std::string> namespaces;
  for (const auto& [place, record] : cells_) {
    if (is_live(record, now)) namespaces.insert(place.first);
  }
  return {namespaces.begin(), namespaces.end()};
}

std::uint64_t ReferenceModel::live_entries(Timestamp now) const {
  return cells_.size() - expired_entries(now);
}

std::uint64_t ReferenceModel::live_bytes(Timestamp now) const {
  std::uint64_t bytes = 0;
  for (const auto& [place, record] : cells_) {
    if (!is_live(record, now)) continue;
    bytes += place.first.size() + place.second.size() + record.value.json_text().size();
  }
  return bytes;
}

std::size_t ReferenceModel::expired_entries(Timestamp now) const {
  return static_cast<std::size_t>(std::ranges::count_if(
      cells_, [now](const auto& cell) { return !is_live(cell.second, now); }));
}

}  // namespace holdfast::conformance
