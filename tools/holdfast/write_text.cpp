#include "write_text.hpp"

#include <string>
#include <utility>

#include "json_text.hpp"

namespace holdfast::program {
namespace {

const char* name_of(WriteStatus status) {
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
  return "unknown";
}

}  // namespace

ExitCode print_write_result(Output& output, const WriteResult& result, bool json) {
  if (json) {
    output.line(
        std::move(
            JsonObject().text("status", name_of(result.status)).number("revision", result.revision))
            .finish());
  } else if (result.applied()) {
    output.line(std::string(name_of(result.status)) + ", revision " +
                std::to_string(result.revision));
  }
  if (result.applied()) return ExitCode::done;
  if (result.status == WriteStatus::unmet) {
    report(result.revision == 0 ? "nothing was changed: no entry lies there"
                                : "nothing was changed: an entry of revision " +
                                      std::to_string(result.revision) + " lies there");
  } else {
    report("nothing was changed: no entry lies there");
  }
  return ExitCode::absent;
}

}  // namespace holdfast::program
