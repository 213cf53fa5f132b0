#include "recorder.hpp"

#include <sqlite3.h>

#include <fstream>
#include <iterator>
#include <utility>

namespace holdfast::fault_tests {

namespace fs = std::filesystem;

Recorder::Recorder(fs::path folder) : folder_(std::move(folder)), initial_(read_files(folder_)) {
  for (const auto& [name, content] : initial_) known_[name] = true;
  set_watcher(this);
}

Recorder::~Recorder() { set_watcher(nullptr); }

std::string Recorder::name_of(std::string_view path) const {
  const fs::path whole(path);
  if (whole.parent_path() != folder_ || path.ends_with("-shm")) return {};
  return whole.filename().string();
}

void Recorder::add(DiskEvent::Kind kind, std::string_view path, std::uint64_t offset,
                   std::string_view bytes) {
  const std::string name = name_of(path);
  // A file that was removed while it was open is lost anyway.
  if (name.empty() || !known_[name]) return;
  events_.push_back({kind, name, offset, std::string(bytes)});
}

FileWatcher::Verdict Recorder::before(FileCall call, std::string_view path) {
  if (call != failing_) return {};
  if (call == FileCall::sync && !path.ends_with("-wal")) return {};
  failing_.reset();
  if (call != FileCall::sync) return {SQLITE_IOERR_SHMLOCK};
  add(DiskEvent::Kind::failed_sync, path);
  return {SQLITE_IOERR_FSYNC};
}

void Recorder::wrote(std::string_view path, std::uint64_t offset, std::string_view bytes) {
  add(DiskEvent::Kind::write, path, offset, bytes);
}

void Recorder::truncated(std::string_view path, std::uint64_t size) {
  add(DiskEvent::Kind::truncate, path, size);
}

void Recorder::synced(std::string_view path) { add(DiskEvent::Kind::sync, path); }

void Recorder::synced_folder(std::string_view path) {
  if (fs::path(path) == folder_) events_.push_back({DiskEvent::Kind::sync_folder, {}, 0, {}});
}

// The store makes its files itself, so that SQLite finds them there: empty ones nobody knew of.
void Recorder::opened(std::string_view path) {
  const std::string name = name_of(path);
  if (name.empty() || known_[name]) return;
  known_[name] = true;
  add(DiskEvent::Kind::make, path);
}

void Recorder::removed(std::string_view path) {
  add(DiskEvent::Kind::remove, path);
  known_[name_of(path)] = false;
}

void Recorder::linked(std::string_view from, std::string_view to) {
  const std::string name = name_of(to);
  if (name.empty()) return;
  add(DiskEvent::Kind::link, from, 0, name);
  known_[name] = true;
}

Files read_files(const fs::path& folder) {
  Files files;
  for (const fs::directory_entry& each : fs::directory_iterator(folder)) {
    const std::string name = each.path().filename().string();
    if (name.ends_with("-shm")) continue;
    std::ifstream file(each.path(), std::ios::binary);
    files[name] = std::string(std::istreambuf_iterator<char>(file), {});
  }
  return files;
}

void write_files(const Files& files, const fs::path& folder) {
  fs::create_directories(folder);
  for (const auto& [name, content] : files) {
    std::ofstream(folder / name, std::ios::binary) << content;
  }
}

}  // namespace holdfast::fault_tests
