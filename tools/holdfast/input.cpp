#include "input.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string_view>

#include "exit_code.hpp"
#include "holdfast/error.hpp"

namespace holdfast::program {
namespace {

constexpr std::size_t chunk_bytes = 64 * 1024;
constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";

int open_for_reading(const std::string& name) {
  if (name == "-") return STDIN_FILENO;
  const int descriptor = ::open(name.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) {
    throw_invalid_argument("cannot open \"" + name + "\": " + std::strerror(errno));
  }
  return descriptor;
}

}  // namespace

InputFile::InputFile(const std::string& name, const std::stop_token& stop)
    : name_(name == "-" ? "standard input" : name),
      descriptor_(open_for_reading(name)),
      owned_(name != "-"),
      wait_(stop) {
  struct stat status {};
  if (::fstat(descriptor_, &status) != 0 || !S_ISREG(status.st_mode)) return;
  start_ = ::lseek(descriptor_, 0, SEEK_CUR);
  is_regular_ = start_ >= 0;
  if (status.st_size > start_) size_bytes_ = static_cast<std::uint64_t>(status.st_size - start_);
}

InputFile::~InputFile() {
  if (owned_) ::close(descriptor_);
}

void InputFile::rewind() {
  if (::lseek(descriptor_, start_, SEEK_SET) < 0) {
    throw system_error("cannot read \"" + name_ + "\" again", errno);
  }
  position_bytes_ = 0;
  compression_is_known_ = false;
  decoder_.reset();
  bytes_.clear();
  taken_ = 0;
  at_end_ = false;
}

bool InputFile::read_bytes(std::string& buffer) {
  const std::size_t before = buffer.size();
  buffer.resize(before + chunk_bytes);
  ssize_t got = 0;
  do {
    if (!is_regular_) wait_.until_readable(descriptor_);
    got = ::read(descriptor_, buffer.data() + before, chunk_bytes);
  } while (got < 0 && errno == EINTR);
  const int error_number = errno;
  buffer.resize(before + (got > 0 ? static_cast<std::size_t>(got) : 0));
  if (got < 0) throw system_error("cannot read " + name_, error_number);
  position_bytes_ += static_cast<std::uint64_t>(got);
  return got > 0;
}

void InputFile::find_compression() {
  compression_is_known_ = true;
  Compression compression = compression_by_name(name_);
  if (compression == Compression::none) {
    while (bytes_.size() < compression_mark_bytes && !at_end_) at_end_ = !read_bytes(bytes_);
    compression = compression_by_content(bytes_);
  }
  decoder_ = make_decoder(compression);
}

bool InputFile::read(std::string& buffer) {
  if (!compression_is_known_) find_compression();
  if (decoder_) return read_decoded(buffer);
  if (bytes_.empty()) return read_bytes(buffer);
  buffer += bytes_;
  bytes_.clear();
  return true;
}

bool InputFile::read_decoded(std::string& buffer) {
  const std::size_t before = buffer.size();
  while (buffer.size() == before) {
    if (taken_ == bytes_.size() && !at_end_) {
      bytes_.clear();
      taken_ = 0;
      at_end_ = !read_bytes(bytes_);
    }
    std::string_view rest = std::string_view(bytes_).substr(taken_);
    const bool is_last = at_end_ && rest.empty();
    decoder_->decode(rest, buffer, chunk_bytes);
    taken_ = bytes_.size() - rest.size();
    if (is_last && buffer.size() == before) break;
  }
  if (buffer.size() > before) return true;
  if (!decoder_->is_complete()) {
    throw_invalid_argument("the compressed data ends in the middle: it was cut off");
  }
  return false;
}

std::string read_all(InputFile& file, std::size_t max_bytes) {
  std::string text;
  while (file.read(text)) {
    if (text.size() > max_bytes) {
      throw_invalid_argument(file.name() + " is longer than " + std::to_string(max_bytes) +
                             " bytes, the most that is read");
    }
  }
  return text;
}

void LineReader::read_more() {
  try {
    at_end_ = !file_.read(buffer_);
  } catch (const Error& error) {
    if (error.code() != ErrorCode::invalid_argument) throw;
    throw_invalid_argument("line " + std::to_string(line_number_ + 1) + " of " + file_.name() +
                           ": " + error.message());
  }
}

bool LineReader::next(std::string_view& line) {
  std::size_t searched = begin_;
  std::size_t end = std::string::npos;
  while ((end = buffer_.find('\n', searched)) == std::string::npos && !at_end_) {
    buffer_.erase(0, begin_);
    begin_ = 0;
    searched = buffer_.size();
    if (searched > max_line_bytes) {
      throw_invalid_argument("line " + std::to_string(line_number_ + 1) + " of " + file_.name() +
                             " is longer than " + std::to_string(max_line_bytes) + " bytes");
    }
    read_more();
  }
  if (end == std::string::npos && begin_ == buffer_.size()) return false;
  const std::size_t stop = end == std::string::npos ? buffer_.size() : end;
  line = std::string_view(buffer_).substr(begin_, stop - begin_);
  begin_ = end == std::string::npos ? stop : stop + 1;
  ++line_number_;
  if (line.ends_with('\r')) line.remove_suffix(1);
  if (line_number_ == 1 && line.starts_with(byte_order_mark)) line.remove_prefix(3);
  return true;
}

}  // namespace holdfast::program
