#include "open_file.hpp"

#include <fcntl.h>
#include <pthread.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <mutex>
#include <utility>

#include "errors.hpp"

namespace holdfast::sqlite {

namespace {

std::atomic<std::uint64_t> generation_now{0};

// The one piece of global state (docs/design/0004-the-sqlite-store.md): which files this process
// has open, and as what.
struct Registry {
  std::mutex mutex;
  std::map<std::pair<dev_t, ino_t>, std::weak_ptr<FileNode>> nodes;
};

Registry& registry() {
  // Never destroyed: handles with static storage may outlive it otherwise.
  static Registry* const instance = [] {
    auto* made = new Registry;
    // A fork while another thread holds the mutex would leave it locked in the child for ever.
    pthread_atfork([] { registry().mutex.lock(); }, [] { registry().mutex.unlock(); },
                   [] {
                     generation_now.fetch_add(1);
                     registry().mutex.unlock();
                   });
    return made;
  }();
  return *instance;
}

[[noreturn]] void fail_opening(const std::string& path, int error_number) {
  const std::string cause = system_message(error_number);
  switch (error_number) {
    case ENOENT:
      fail(ErrorCode::failed_precondition, "there is no file '" + path + "'", cause);
    case EACCES:
    case EPERM:
      fail(ErrorCode::permission_denied, "no rights to open '" + path + "'", cause);
    case EROFS:
      fail(ErrorCode::permission_denied,
           "'" + path + "' lies on a read-only file system; open it with read_only=on", cause);
    case EISDIR:
      fail(ErrorCode::failed_precondition, "'" + path + "' is a directory, not a file", cause);
    default:
      fail_system("cannot open '" + path + "'", error_number);
  }
}

// The name without symbolic links; the last component need not exist.
std::string resolve(const std::string& path) {
  namespace fs = std::filesystem;
  std::error_code error;
  fs::path name(path);
  for (int links = 0; fs::is_symlink(fs::symlink_status(name, error)); ++links) {
    if (links == 40) fail(ErrorCode::failed_precondition, "'" + path + "' is a loop of links");
    const fs::path target = fs::read_symlink(name, error);
    if (error) fail_opening(path, error.value());
    name = target.is_absolute() ? target : name.parent_path() / target;
  }
  const fs::path folder = name.has_parent_path() ? name.parent_path() : fs::path(".");
  const fs::path real_folder = fs::canonical(folder, error);
  if (error) {
    const std::string message =
        "the folder '" + folder.string() + "' of the store cannot be entered";
    const bool missing = error == std::errc::no_such_file_or_directory ||
                         error == std::errc::not_a_directory ||
                         error == std::errc::too_many_symbolic_link_levels;
    if (missing) fail(ErrorCode::failed_precondition, message, error.message());
    fail_system(message, error.value());
  }
  const fs::file_status folder_status = fs::status(real_folder, error);
  if (!fs::status_known(folder_status)) fail_opening(real_folder.string(), error.value());
  if (!fs::is_directory(folder_status)) {
    fail(ErrorCode::failed_precondition, "'" + folder.string() + "' is not a folder");
  }
  if (!name.has_filename()) {
    fail(ErrorCode::failed_precondition, "'" + path + "' is a directory, not a file");
  }
  return (real_folder / name.filename()).string();
}

}  // namespace

std::uint64_t fork_generation() noexcept {
  registry();
  return generation_now.load(std::memory_order_relaxed);
}

OpenFile::OpenFile(const FileRequest& request) { claim(request); }

void OpenFile::claim(const FileRequest& request) {
  path_ = resolve(request.path);
  const std::lock_guard lock(registry().mutex);
  struct stat status {};
  if (::stat(path_.c_str(), &status) == 0) {
    if (S_ISDIR(status.st_mode)) fail_opening(path_, EISDIR);
    if (!S_ISREG(status.st_mode)) {
      fail(ErrorCode::failed_precondition, "'" + path_ + "' is not an ordinary file");
    }
    // Looked up before anything is opened: closing a second descriptor would drop SQLite's locks.
    const auto found = registry().nodes.find({status.st_dev, status.st_ino});
    if (found != registry().nodes.end() && !found->second.expired()) {
      return adopt(request, status.st_dev, status.st_ino, -1);
    }
  } else if (errno != ENOENT) {
    fail_opening(path_, errno);
  } else if (request.read_only || !request.create) {
    fail(ErrorCode::failed_precondition,
         "there is no file '" + path_ + "', and it is not to be made (create=off or read_only=on)");
  }
  // Writable where that is allowed even for reading only: a writer of this process may come later
  // and shares the descriptor.
  int mode = O_RDWR;
  int descriptor = ::open(path_.c_str(), mode | O_CLOEXEC);
  if (descriptor < 0 && request.read_only && (errno == EACCES || errno == EROFS)) {
    mode = O_RDONLY;
    descriptor = ::open(path_.c_str(), mode | O_CLOEXEC);
  }
  if (descriptor < 0 && errno == ENOENT && !request.read_only && request.create) {
    descriptor = ::open(path_.c_str(), mode | O_CLOEXEC | O_CREAT | O_EXCL, 0600);
    created_ = descriptor >= 0;
    if (!created_ && errno == EEXIST) descriptor = ::open(path_.c_str(), mode | O_CLOEXEC);
  }
  if (descriptor < 0) fail_opening(path_, errno);
  // Whatever the process's umask: the owner alone.
  const bool is_ready =
      (!created_ || ::fchmod(descriptor, 0600) == 0) && ::fstat(descriptor, &status) == 0;
  if (!is_ready) {
    const int error_number = errno;
    // Another file's descriptor is left open: it may be one that this process has open already, and
    // closing it would drop the locks on that. A file that was made stays, empty as it is: another
    // process may have opened it by now.
    if (created_) ::close(descriptor);
    fail_opening(path_, error_number);
  }
  adopt(request, status.st_dev, status.st_ino, descriptor);
}

void OpenFile::adopt(const FileRequest& request, dev_t device, ino_t inode, int descriptor) {
  auto& slot = registry().nodes[{device, inode}];
  node_ = slot.lock();
  if (node_ == nullptr) {
    node_ = std::make_shared<FileNode>();
    *node_ = {device, inode, descriptor, false, 0, generation_};
    slot = node_;
  }
  // `descriptor` is left open on purpose where another one is known already: a file that took the
  // place of the one looked up; closing it would drop the locks of the handle that has it.
  if (node_->generation != generation_) {
    fail(ErrorCode::failed_precondition,
         "'" + path_ +
             "' was open when this process was forked off; SQLite's state cannot be "
             "shared across fork: open it after exec, or before the fork in neither process");
  }
  if (!request.read_only) {
    if (node_->has_writer) {
      fail(ErrorCode::failed_precondition,
           "this process has '" + path_ +
               "' open already (under this or another name); share that Memory, it is safe to "
               "use from many threads");
    }
    node_->has_writer = true;
  }
  is_writer_ = !request.read_only;
  ++node_->handles;
}

OpenFile::~OpenFile() {
  if (is_forked()) {
    // Keeps the node, and so the refusal to open the file in this process.
    static_cast<void>(new std::shared_ptr<FileNode>(std::move(node_)));
    return;
  }
  const std::lock_guard lock(registry().mutex);
  if (is_writer_) node_->has_writer = false;
  if (--node_->handles == 0) {
    registry().nodes.erase({node_->device, node_->inode});
    ::close(node_->descriptor);
  }
}

std::uint64_t OpenFile::size() const {
  struct stat status {};
  if (::fstat(descriptor(), &status) != 0) fail_opening(path_, errno);
  return static_cast<std::uint64_t>(status.st_size);
}

void OpenFile::check_still_there() const {
  struct stat status {};
  const int result = ::stat(path_.c_str(), &status);
  if (result != 0 && errno != ENOENT) fail_opening(path_, errno);
  if (result == 0 && status.st_dev == node_->device && status.st_ino == node_->inode) return;
  fail(ErrorCode::unavailable, "'" + path_ + "' was replaced or deleted while it was opened");
}

std::optional<std::uint64_t> OpenFile::size_beside(const char* suffix) const {
  const std::string path = path_ + suffix;
  struct stat status {};
  if (::stat(path.c_str(), &status) == 0) return static_cast<std::uint64_t>(status.st_size);
  if (errno != ENOENT) fail_opening(path, errno);
  return std::nullopt;
}

void OpenFile::check_readable_beside(const char* suffix) const {
  const std::string path = path_ + suffix;
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) fail_opening(path, errno);
  std::array<char, 8192> piece;
  ssize_t count = 0;
  off_t at = 0;
  do {
    count = ::pread(descriptor, piece.data(), piece.size(), at);
    at += count;
  } while (count > 0);
  const int error_number = errno;
  ::close(descriptor);
  if (count < 0) fail_system("cannot read '" + path + "'", error_number);
}

void OpenFile::check_not_forked() const {
  if (!is_forked()) return;
  fail(ErrorCode::failed_precondition,
       "the store was opened before this process was forked off; a handle cannot be used in a "
       "child process");
}

void OpenFile::discard_if_empty() noexcept {
  struct stat status {};
  if (created_ && ::fstat(descriptor(), &status) == 0 && status.st_size == 0) {
    ::unlink(path_.c_str());
  }
}

}  // namespace holdfast::sqlite
