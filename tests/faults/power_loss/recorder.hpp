// Writes down what is done to the files of a folder.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "disk.hpp"
#include "vfs/file_watcher.hpp"

namespace holdfast::fault_tests {

// The watcher while it lives. The index of the write-ahead log is left out: a loss of power takes
// it, and the next process makes it anew.
class Recorder final : public FileWatcher {
 public:
  explicit Recorder(std::filesystem::path folder);
  ~Recorder() override;
  Recorder(const Recorder&) = delete;
  Recorder& operator=(const Recorder&) = delete;

  // What lay in the folder at first.
  [[nodiscard]] const Files& initial() const noexcept { return initial_; }
  [[nodiscard]] const std::vector<DiskEvent>& events() const noexcept { return events_; }

  // Lets the next such call fail: a sync of the write-ahead log, or a lock of its index.
  void fail_next(FileCall call) noexcept { failing_ = call; }
  void fail_none() noexcept { failing_.reset(); }

  [[nodiscard]] Verdict before(FileCall call, std::string_view path) override;
  void wrote(std::string_view path, std::uint64_t offset, std::string_view bytes) override;
  void truncated(std::string_view path, std::uint64_t size) override;
  void synced(std::string_view path) override;
  void synced_folder(std::string_view path) override;
  void opened(std::string_view path) override;
  void removed(std::string_view path) override;
  void linked(std::string_view from, std::string_view to) override;

 private:
  // The name in the folder; empty where it lies elsewhere or is left out.
  [[nodiscard]] std::string name_of(std::string_view path) const;
  void add(DiskEvent::Kind kind, std::string_view path, std::uint64_t offset = 0,
           std::string_view bytes = {});

  const std::filesystem::path folder_;
  Files initial_;
  std::vector<DiskEvent> events_;
  std::optional<FileCall> failing_{};
  std::map<std::string, bool> known_;  // Names that have a file.
};

// The content of the files of a folder, those that a loss of power takes left out.
[[nodiscard]] Files read_files(const std::filesystem::path& folder);
void write_files(const Files& files, const std::filesystem::path& folder);

}  // namespace holdfast::fault_tests
