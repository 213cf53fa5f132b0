#include "output_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>

#include "exit_code.hpp"
#include "holdfast/error.hpp"

namespace holdfast::program {
namespace {

constexpr std::size_t buffer_bytes = 64 * 1024;

/// Where a link of that name leads, so that what replaces a file leaves the link.
std::string resolved(const std::string& name) {
  std::error_code error;
  const auto target = std::filesystem::canonical(name, error);
  return error ? name : target.string();
}

std::string folder_of(const std::string& name) {
  const auto folder = std::filesystem::path(name).parent_path();
  return folder.empty() ? "." : folder.string();
}

Error cannot_write(const std::string& name, int error_number) {
  return system_error("cannot write \"" + name + "\"", error_number);
}

/// Makes sure that the name outlives a power failure, where the file system can say so.
void sync_folder(const std::string& name) {
  const int folder = ::open(folder_of(name).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder < 0) return;  // A folder that may be written to and not read.
  const int result = ::fsync(folder);
  const int error_number = errno;
  ::close(folder);
  if (result != 0 && error_number != EINVAL) throw cannot_write(name, error_number);
}

}  // namespace

OutputFile::OutputFile(const std::string& name, bool replace)
    : name_(resolved(name)), replace_(replace), encoder_(make_encoder(compression_by_name(name))) {
  refuse_name_that_is_taken();
  create_temporary();
}

OutputFile::~OutputFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
  if (!temporary_.empty()) ::unlink(temporary_.c_str());
}

void OutputFile::refuse_name_that_is_taken() const {
  struct stat status {};
  if (::stat(name_.c_str(), &status) != 0) return;
  if (!S_ISREG(status.st_mode)) {
    throw_invalid_argument("\"" + name_ + "\" is there already and is no file to be replaced");
  }
  if (replace_) return;
  throw_invalid_argument("the file \"" + name_ + "\" is there already; --force replaces it");
}

void OutputFile::create_temporary() {
  constexpr int flags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC;
  constexpr mode_t mode = 0666;  // As the shell makes files: the umask narrows it.
  const std::string begin = name_ + "." + std::to_string(::getpid()) + ".";
  for (int attempt = 0; descriptor_ < 0; ++attempt) {
    const std::string candidate = begin + std::to_string(attempt) + ".part";
    descriptor_ = ::open(candidate.c_str(), flags, mode);
    if (descriptor_ >= 0) {
      temporary_ = candidate;
    } else if (errno != EEXIST) {
      throw_invalid_argument("cannot create \"" + name_ + "\": " + std::strerror(errno));
    }
  }
}

void OutputFile::write(std::string_view text) {
  text_ += text;
  if (text_.size() >= buffer_bytes) flush();
}

void OutputFile::flush() {
  if (encoder_) {
    encoder_->encode(text_, bytes_);
  } else {
    bytes_ += text_;
  }
  text_.clear();
  std::string_view rest = bytes_;
  while (!rest.empty()) {
    const ssize_t written = ::write(descriptor_, rest.data(), rest.size());
    if (written >= 0) {
      rest.remove_prefix(static_cast<std::size_t>(written));
    } else if (errno != EINTR) {
      throw cannot_write(name_, errno);
    }
  }
  bytes_.clear();
}

void OutputFile::finish() {
  flush();
  if (encoder_) encoder_->finish(bytes_);
  flush();
  if (::fsync(descriptor_) != 0 && errno != EINVAL) throw cannot_write(name_, errno);
  const int descriptor = descriptor_;
  descriptor_ = -1;
  if (::close(descriptor) != 0) throw cannot_write(name_, errno);
  give_name();
  temporary_.clear();
  sync_folder(name_);
}

void OutputFile::give_name() {
  const char* const from = temporary_.c_str();
  const char* const to = name_.c_str();
  if (!replace_) {
    if (::renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE) == 0) return;
    if (errno != EINVAL && errno != ENOSYS) throw cannot_write(name_, errno);
    refuse_name_that_is_taken();  // A file system that cannot refuse by itself.
  }
  if (::rename(from, to) != 0) throw cannot_write(name_, errno);
}

}  // namespace holdfast::program
