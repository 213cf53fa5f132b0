#include "conflict_report.hpp"

#include <cerrno>
#include <cstring>
#include <utility>

#include "exit_code.hpp"
#include "json_text.hpp"

namespace holdfast::program {
namespace {

const char* name_of(ConflictAction action) {
  switch (action) {
    case ConflictAction::skipped:
      return "skipped";
    case ConflictAction::overwritten:
      return "overwritten";
    case ConflictAction::refused:
      return "refused";
  }
  return "unknown";
}

std::int64_t ms(Timestamp time) { return time.time_since_epoch().count(); }

}  // namespace

ConflictReport::ConflictReport(const std::string& file, Existing existing) : name_(file) {
  if (file.empty()) return;
  const bool appends = existing == Existing::appended_to;
  file_.reset(std::fopen(file.c_str(), appends ? "ae" : "we"));
  if (!file_) throw_invalid_argument("cannot write \"" + file + "\": " + std::strerror(errno));
  if (appends) std::setvbuf(file_.get(), nullptr, _IOLBF, BUFSIZ);
}

void ConflictReport::add(const Entry& entry, Timestamp store_updated_at, ConflictAction action) {
  if (!file_) return;
  write(std::move(JsonObject()
                      .text("namespace", entry.ns.text())
                      .text("key", entry.key)
                      .text("action", name_of(action))
                      .number("file_updated_at", ms(entry.updated_at))
                      .number("store_updated_at", ms(store_updated_at)))
            .finish());
}

void ConflictReport::add(const Conflict& conflict) {
  if (!file_) return;
  const ConflictAction action =
      conflict.overwritten ? ConflictAction::overwritten : ConflictAction::skipped;
  write(std::move(JsonObject()
                      .text("namespace", conflict.source.ns.text())
                      .text("key", conflict.source.key)
                      .text("destination_namespace", conflict.destination.ns.text())
                      .text("action", name_of(action))
                      .number("source_updated_at", ms(conflict.source.updated_at))
                      .number("destination_updated_at", ms(conflict.destination.updated_at)))
            .finish());
}

void ConflictReport::write(const std::string& json) {
  const std::string line = json + "\n";
  if (std::fwrite(line.data(), 1, line.size(), file_.get()) != line.size()) fail();
}

void ConflictReport::flush() {
  if (file_ && std::fflush(file_.get()) != 0) fail();
}

void ConflictReport::fail() const { throw system_error("cannot write \"" + name_ + "\"", errno); }

}  // namespace holdfast::program
