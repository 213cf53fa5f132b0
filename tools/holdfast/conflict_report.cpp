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

}  // namespace

ConflictReport::ConflictReport(const std::string& file) : name_(file) {
  if (file.empty()) return;
  file_.reset(std::fopen(file.c_str(), "we"));
  if (!file_) throw_invalid_argument("cannot create \"" + file + "\": " + std::strerror(errno));
}

void ConflictReport::add(const Entry& entry, Timestamp store_updated_at, ConflictAction action) {
  if (!file_) return;
  const std::string line =
      std::move(JsonObject()
                    .text("namespace", entry.ns.text())
                    .text("key", entry.key)
                    .text("action", name_of(action))
                    .number("file_updated_at", entry.updated_at.time_since_epoch().count())
                    .number("store_updated_at", store_updated_at.time_since_epoch().count()))
          .finish() +
      "\n";
  if (std::fwrite(line.data(), 1, line.size(), file_.get()) != line.size()) fail();
}

void ConflictReport::flush() {
  if (file_ && std::fflush(file_.get()) != 0) fail();
}

void ConflictReport::fail() const {
  throw system_error("cannot write \"" + name_ + "\"", errno);
}

}  // namespace holdfast::program
