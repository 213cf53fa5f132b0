#include "answer.hpp"

#include <algorithm>
#include <array>

namespace holdfast::differential {
namespace {

std::string text_of(Timestamp t) { return std::to_string(t.time_since_epoch().count()) + " ms"; }

std::string_view text_of(WriteStatus status) {
  switch (status) {
    case WriteStatus::created:
      return "created";
    case WriteStatus::updated:
      return "updated";
    case WriteStatus::erased:
      return "erased";
    case WriteStatus::absent:
      return "absent";
    case WriteStatus::unmet:
      return "unmet";
    case WriteStatus::checked:
      return "checked";
  }
  return "a status that does not exist";
}

// Where two texts part.
std::size_t common_bytes(std::string_view a, std::string_view b) {
  return static_cast<std::size_t>(std::ranges::mismatch(a, b).in1 - a.begin());
}

}  // namespace

std::string printable(std::string_view text, std::size_t offset) {
  constexpr std::size_t most = 600;
  constexpr std::size_t before = 100;
  const std::size_t from = text.size() <= most || offset < before ? 0 : offset - before;
  std::string result = from > 0 ? "[" + std::to_string(from) + " bytes]..." : "";
  for (const char c : text.substr(std::min(from, text.size()), most)) {
    constexpr std::string_view digits = "0123456789abcdef";
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x20 && byte < 0x7F) {
      result.push_back(c);
    } else {
      result += {'\\', 'x', digits[byte >> 4U], digits[byte & 15U]};
    }
  }
  if (from + most < text.size()) {
    result += "...[" + std::to_string(text.size() - from - most) + " bytes]";
  }
  return result;
}

std::string abridged(std::string_view text) {
  constexpr std::size_t shown_of_a_run = 8;
  const auto is_plain = [](char c) { return c >= 0x20 && c < 0x7F; };
  std::string result;
  for (auto at = text.begin(); at != text.end();) {
    const auto end_of_run = std::find_if(at, text.end(), is_plain);
    const auto run = static_cast<std::size_t>(end_of_run - at);
    if (run > 2 * shown_of_a_run) {
      result += printable({at, at + shown_of_a_run}) + "...[" + std::to_string(run) + " bytes]...";
    } else {
      result += printable({at, end_of_run});
    }
    at = std::find_if_not(end_of_run, text.end(), is_plain);
    result.append(end_of_run, at);
  }
  return result;
}

void Answer::add(std::string what, std::string text) {
  parts_.push_back({std::move(what), std::move(text), std::nullopt});
}

void Answer::add_value(std::string what, const MemoryValue& value) {
  add(std::move(what), std::string(to_string(value.kind())) + " " + std::string(value.json_text()));
}

void Answer::add_revision(std::string what, Revision revision) {
  greatest_revision_ = std::max(greatest_revision_, revision);
  parts_.push_back({std::move(what), {}, revision});
}

void Answer::add_record(const std::string& what, const Record& record) {
  add_value(what + ".value", record.value);
  add_revision(what + ".created_revision", record.created_revision);
  add_revision(what + ".revision", record.revision);
  add(what + ".created_at", text_of(record.created_at));
  add(what + ".updated_at", text_of(record.updated_at));
  add(what + ".expires_at", record.expires_at ? text_of(*record.expires_at) : "never");
}

void Answer::add_entry(const std::string& what, const std::optional<Entry>& entry) {
  add(what, entry ? std::string(entry->ns.text()) + ":" + entry->key : "nothing");
  if (!entry) return;
  add_record(what, *entry);
  add(what + ".size_bytes", entry->size_bytes());
}

void Answer::add_result(const std::string& what, const WriteResult& result) {
  add(what + ".status", std::string(text_of(result.status)));
  // The contract gives one for every status but this.
  if (result.status != WriteStatus::absent) add_revision(what + ".revision", result.revision);
  if (result.status == WriteStatus::erased) removals_.push_back(result.revision);
  add(what + ".number", result.number);
  if (result.status == WriteStatus::unmet) return;
  add(what + ".previous", result.previous ? "a record" : "nothing");
  if (result.previous) add_record(what + ".previous", *result.previous);
}

void Answer::add_error(const Error& error, bool with_message) {
  // No store answers alike with a defect, so that its words are for the report.
  const bool is_defect = error.code() == ErrorCode::internal;
  add("throws", is_defect ? error.what() : std::string(to_string(error.code())));
  constexpr std::array worded_by_the_library{
      ErrorCode::invalid_argument, ErrorCode::failed_precondition, ErrorCode::out_of_range};
  if (with_message &&
      std::ranges::find(worded_by_the_library, error.code()) != worded_by_the_library.end()) {
    add("message", error.message());
  }
}

bool Answer::agree(const Part& part, const Part& other, conformance::RevisionPairs& pairs) {
  if (part.what != other.what || part.text != other.text) return false;
  if (part.revision.has_value() != other.revision.has_value()) return false;
  return !part.revision || pairs.agree(*part.revision, *other.revision);
}

std::optional<Answer::Difference> Answer::first_difference(
    const Answer& other, conformance::RevisionPairs& pairs) const {
  const std::size_t parts = std::max(parts_.size(), other.parts_.size());
  for (std::size_t i = 0; i < parts; ++i) {
    const bool both = i < parts_.size() && i < other.parts_.size();
    if (both && agree(parts_[i], other.parts_[i], pairs)) continue;
    const std::size_t offset = both ? common_bytes(parts_[i].text, other.parts_[i].text) : 0;
    Difference difference{described(i, offset), other.described(i, offset)};
    if (both && parts_[i].revision && other.parts_[i].revision) {
      const auto known = pairs.real(*parts_[i].revision);
      difference.other += known ? ", where that write has revision " + std::to_string(*known)
                                : ", which does not lie in the same order with those before";
    }
    return difference;
  }
  return std::nullopt;
}

std::string Answer::described(std::size_t part, std::size_t offset) const {
  if (part >= parts_.size()) return "nothing further";
  const Part& described = parts_[part];
  if (described.revision) return described.what + " = " + std::to_string(*described.revision);
  return described.what + " = " + printable(described.text, offset);
}

}  // namespace holdfast::differential
