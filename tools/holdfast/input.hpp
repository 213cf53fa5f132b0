/// @file
/// What the program reads: whole files, and files line by line, each within a bound.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>

#include "compression.hpp"
#include "stoppable_wait.hpp"

namespace holdfast::program {

/// Longest line, and largest value, that is read: well above what a store takes (16 MiB), as JSON
/// may be written with white space and escapes.
inline constexpr std::size_t max_line_bytes = std::size_t{64} << 20;

/// An open file, or standard input where the name is "-"; what is compressed is read as the text it
/// holds. The name says how (".gz", ".zst"), otherwise the first bytes do.
///
/// Throws `InvalidArgument` where it cannot be opened or its compressed data is damaged or cut off,
/// other `Error`s where reading fails, `Cancelled` where a stop comes while it waits for a pipe.
class InputFile {
 public:
  explicit InputFile(const std::string& name, const std::stop_token& stop = {});
  ~InputFile();
  InputFile(const InputFile&) = delete;
  InputFile& operator=(const InputFile&) = delete;

  /// How it is called in messages: "standard input" for "-".
  [[nodiscard]] const std::string& name() const noexcept { return name_; }
  /// Whether it can be read a second time (`rewind`): false for pipes and terminals.
  [[nodiscard]] bool is_regular() const noexcept { return is_regular_; }
  /// Bytes of a regular file, from where it was when it was opened; as they lie there.
  [[nodiscard]] std::uint64_t size_bytes() const noexcept { return size_bytes_; }
  /// How many of them were read.
  [[nodiscard]] std::uint64_t position_bytes() const noexcept { return position_bytes_; }
  void rewind();
  /// Appends what comes next of the text, up to 64 KiB; false at the end.
  bool read(std::string& buffer);

 private:
  bool read_bytes(std::string& buffer);
  void find_compression();
  bool read_decoded(std::string& buffer);

  std::string name_;
  int descriptor_;
  bool owned_;
  StoppableWait wait_;
  bool is_regular_ = false;
  std::int64_t start_ = 0;
  std::uint64_t size_bytes_ = 0;
  std::uint64_t position_bytes_ = 0;
  bool compression_is_known_ = false;
  std::unique_ptr<Decoder> decoder_;  ///< Null where nothing is compressed.
  std::string bytes_;                 ///< Read, and not yet handed out or decoded from `taken_` on.
  std::size_t taken_ = 0;
  bool at_end_ = false;
};

/// The rest of a file. Throws `InvalidArgument` where it is longer than `max_bytes`.
[[nodiscard]] std::string read_all(InputFile& file, std::size_t max_bytes);

/// Hands out a file's lines, without line ends (LF or CR LF) and without a byte order mark.
class LineReader {
 public:
  explicit LineReader(InputFile& file) : file_(file) {}

  /// The next line, valid until the next call; false at the end. Throws `InvalidArgument` for a
  /// line over `max_line_bytes` and for damaged compressed data, with the line that was reached.
  bool next(std::string_view& line);
  /// Of the line that was handed out last, from 1.
  [[nodiscard]] std::uint64_t line_number() const noexcept { return line_number_; }

 private:
  void read_more();

  InputFile& file_;
  std::string buffer_;
  std::size_t begin_ = 0;
  std::uint64_t line_number_ = 0;
  bool at_end_ = false;
};

}  // namespace holdfast::program
