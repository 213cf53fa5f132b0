// Copying the whole store while it is in use.
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <random>
#include <string>

#include "reading.hpp"

namespace holdfast::sqlite {

namespace {

namespace fs = std::filesystem;
constexpr int pages_at_once = 256;

// A file that goes again unless it is given its name.
class PartialFile {
 public:
  explicit PartialFile(const std::string& target)
      : target_(target), path_(target + ".partial-" + std::to_string(std::random_device{}())) {
    const int descriptor = ::open(path_.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (descriptor < 0) {
      const int error_number = errno;
      const std::string message = "cannot make a file beside '" + target + "'";
      const bool no_folder = error_number == ENOENT || error_number == ENOTDIR;
      if (no_folder) fail(ErrorCode::failed_precondition, message, system_message(error_number));
      fail_system(message, error_number);
    }
    ::close(descriptor);
  }
  ~PartialFile() { ::unlink(path_.c_str()); }
  PartialFile(const PartialFile&) = delete;
  PartialFile& operator=(const PartialFile&) = delete;

  [[nodiscard]] const std::string& path() const noexcept { return path_; }

  // Makes the file durable and lets it appear under its name, unless there is one of that name.
  void publish() const {
    sync(path_, O_RDWR);
    // Unlike rename, link never replaces a file.
    if (::link(path_.c_str(), target_.c_str()) != 0) {
      const int error_number = errno;
      if (error_number == EEXIST) refuse_existing(target_);
      fail_system("cannot give the backup the name '" + target_ + "'", error_number);
    }
    const fs::path folder = fs::path(target_).parent_path();
    try {
      sync(folder.empty() ? "." : folder.string(), O_RDONLY | O_DIRECTORY);
    } catch (...) {
      ::unlink(target_.c_str());  // Nothing is left of what failed.
      throw;
    }
  }

  [[noreturn]] static void refuse_existing(const std::string& target) {
    fail(ErrorCode::failed_precondition,
         "'" + target + "' exists already; a backup never replaces a file");
  }

 private:
  static void sync(const std::string& path, int flags) {
    const int descriptor = ::open(path.c_str(), flags | O_CLOEXEC);
    const bool synced = descriptor >= 0 && ::fsync(descriptor) == 0;
    const int error_number = errno;
    if (descriptor >= 0) ::close(descriptor);
    if (!synced) fail_system("cannot make '" + path + "' durable", error_number);
  }

  const std::string target_;
  const std::string path_;
};

}  // namespace

void SqliteBackend::backup(const std::string& path, const OnProgress& on_progress,
                           const Context& context) {
  check_usable(context);
  if (path.empty() || path.find('\0') != std::string::npos) {
    throw_invalid_argument("a backup needs the path of a new file");
  }
  std::error_code error;
  if (fs::exists(fs::symlink_status(path, error))) PartialFile::refuse_existing(path);
  const PartialFile partial(path);
  try {
    // A connection of its own, so that a long backup takes no reader away. Its open transaction
    // keeps the copy on one state, however much is written meanwhile.
    Connection source(file_->path(), reader_connection_);
    source.execute("BEGIN");
    static_cast<void>(source.query_integer("SELECT last_revision FROM counter"));
    SQLite::Database target(fs::absolute(partial.path()).string(), SQLite::OPEN_READWRITE);
    target.exec("PRAGMA journal_mode=OFF");
    target.exec("PRAGMA synchronous=OFF");
    sqlite3_backup* const raw =
        sqlite3_backup_init(target.getHandle(), "main", source.handle(), "main");
    if (raw == nullptr) {
      throw_engine_error(target.getHandle(), sqlite3_errcode(target.getHandle()), "backing up");
    }
    const std::unique_ptr<sqlite3_backup, int (*)(sqlite3_backup*)> copy(raw,
                                                                         sqlite3_backup_finish);
    for (int code = SQLITE_OK; code != SQLITE_DONE;) {
      context.check();
      code = sqlite3_backup_step(copy.get(), pages_at_once);
      if (code != SQLITE_OK && code != SQLITE_DONE) throw_engine_error(nullptr, code, "backing up");
      const int total = sqlite3_backup_pagecount(copy.get());
      const int left = sqlite3_backup_remaining(copy.get());
      if (on_progress) {
        on_progress({static_cast<std::uint64_t>(total - left), static_cast<std::uint64_t>(total)});
      }
    }
  } catch (const SQLite::Exception&) {
    rethrow_translated("backing up");
  }
  partial.publish();
}

}  // namespace holdfast::sqlite
