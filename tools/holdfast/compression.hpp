/// @file
/// gzip and zstd, a piece at a time, with bounded memory.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace holdfast::program {

enum class Compression { none, gzip, zstd };

/// What a file's name says: ".gz", ".zst", or anything else.
[[nodiscard]] Compression compression_by_name(std::string_view file) noexcept;

/// The most bytes of a file's beginning that `compression_by_content` looks at.
inline constexpr std::size_t compression_mark_bytes = 4;
[[nodiscard]] Compression compression_by_content(std::string_view beginning) noexcept;

/// Takes compressed text apart, however it was cut into pieces; one after the other, as
/// `cat a.gz b.gz` makes it, is one text. Not safe for use by several threads, as the encoder.
class Decoder {
 public:
  virtual ~Decoder() = default;

  /// Shortens `input` by what it takes, and appends up to `room` bytes to `output`. When neither
  /// changes it needs more input. Throws `InvalidArgument` for what was damaged.
  virtual void decode(std::string_view& input, std::string& output, std::size_t room) = 0;
  /// Whether the text may end here; otherwise it was cut off.
  [[nodiscard]] virtual bool is_complete() const noexcept = 0;
};

/// Makes compressed text.
class Encoder {
 public:
  virtual ~Encoder() = default;

  /// Appends to `output` what is ready of it; the rest is held back.
  virtual void encode(std::string_view input, std::string& output) = 0;
  /// Appends the rest. Nothing may be encoded after that.
  virtual void finish(std::string& output) = 0;
};

/// Null for `Compression::none`.
[[nodiscard]] std::unique_ptr<Decoder> make_decoder(Compression compression);
[[nodiscard]] std::unique_ptr<Encoder> make_encoder(Compression compression);

}  // namespace holdfast::program
