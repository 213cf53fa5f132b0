// A call on a file that fails, once or from then on.
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "holdfast/error.hpp"
#include "vfs/file_watcher.hpp"

namespace holdfast::fault_tests {

// A kind of failure, and what the store has to make of it.
struct FaultKind {
  const char* name;
  FileCall call;
  int error;  // As FileWatcher::Verdict has it.
  bool half = false;
  const char* words = "";  // Some of them stand in the message, separated by '|'.
  ErrorCode code = ErrorCode::unavailable;
};

// All that SQLite and the store itself can meet.
[[nodiscard]] std::span<const FaultKind> all_fault_kinds();

// The watcher while it lives: lets the n-th call of a kind on what lies in a folder fail, or all
// from it on.
class Fault final : public FileWatcher {
 public:
  Fault(const FaultKind& kind, const std::filesystem::path& folder, int ordinal, bool lasts)
      : kind_(kind), folder_(folder), left_(ordinal), lasts_(lasts) {
    set_watcher(this);
  }
  ~Fault() override { set_watcher(nullptr); }
  Fault(const Fault&) = delete;
  Fault& operator=(const Fault&) = delete;

  // No call fails from now on.
  void end() { set_watcher(nullptr); }
  // Whether a call has failed.
  [[nodiscard]] bool struck() const noexcept { return struck_; }
  [[nodiscard]] Verdict before(FileCall call, std::string_view path) override;

 private:
  const FaultKind& kind_;
  const std::string folder_;
  int left_;
  const bool lasts_;
  bool struck_ = false;
};

// What is wrong with an error that a fault caused; empty: nothing.
[[nodiscard]] std::string problem_of(const Error& error, const FaultKind& kind);

}  // namespace holdfast::fault_tests
