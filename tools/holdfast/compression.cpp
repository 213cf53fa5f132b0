#include "compression.hpp"

#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <limits>
#include <new>

#include "holdfast/error.hpp"

namespace holdfast::program {
namespace {

constexpr std::size_t piece_bytes = std::size_t{64} << 10;
constexpr int gzip_window = 15 + 16;  // The greatest window, and gzip's header instead of zlib's.
constexpr std::string_view gzip_mark = "\x1f\x8b";
constexpr std::string_view zstd_mark = "\x28\xb5\x2f\xfd";

/// Gives `write(place, room)` room at the end of `output`, and keeps what it says it wrote.
template <typename Write>
void append(std::string& output, std::size_t room, const Write& write) {
  const std::size_t before = output.size();
  output.resize(before + room);
  const std::size_t written = write(output.data() + before, room);
  output.resize(before + written);
}

uInt piece_of(std::size_t bytes) {
  return static_cast<uInt>(std::min<std::size_t>(bytes, std::numeric_limits<uInt>::max()));
}

// zlib reads its input through a pointer that is not const, and does not write there.
Bytef* unwritten(std::string_view text) {
  return reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
}

class GzipDecoder final : public Decoder {
 public:
  GzipDecoder() {
    if (::inflateInit2(&stream_, gzip_window) != Z_OK) throw std::bad_alloc();
  }
  ~GzipDecoder() override { ::inflateEnd(&stream_); }
  GzipDecoder(const GzipDecoder&) = delete;
  GzipDecoder& operator=(const GzipDecoder&) = delete;

  void decode(std::string_view& input, std::string& output, std::size_t room) override {
    if (is_complete_ && !input.empty()) begin_next_member();
    append(output, room, [&](char* place, std::size_t bytes) {
      stream_.next_in = unwritten(input);
      stream_.avail_in = piece_of(input.size());
      stream_.next_out = reinterpret_cast<Bytef*>(place);
      stream_.avail_out = piece_of(bytes);
      const std::size_t offered = stream_.avail_in;
      check(::inflate(&stream_, Z_NO_FLUSH));
      input.remove_prefix(offered - stream_.avail_in);
      return bytes - stream_.avail_out;
    });
  }
  [[nodiscard]] bool is_complete() const noexcept override { return is_complete_; }

 private:
  void begin_next_member() {
    is_complete_ = false;
    ::inflateReset(&stream_);
  }
  void check(int result) {
    if (result == Z_MEM_ERROR) throw std::bad_alloc();
    if (result == Z_STREAM_END) is_complete_ = true;
    // Z_BUF_ERROR: it could not go on without more input.
    if (result == Z_OK || result == Z_STREAM_END || result == Z_BUF_ERROR) return;
    const std::string why = stream_.msg == nullptr ? "unknown form" : stream_.msg;
    throw_invalid_argument("the gzip data is damaged, or is none: " + why);
  }

  z_stream stream_{};
  bool is_complete_ = false;
};

class GzipEncoder final : public Encoder {
 public:
  GzipEncoder() {
    constexpr int default_memory = 8;
    if (::deflateInit2(&stream_, Z_DEFAULT_COMPRESSION, Z_DEFLATED, gzip_window, default_memory,
                       Z_DEFAULT_STRATEGY) != Z_OK) {
      throw std::bad_alloc();
    }
  }
  ~GzipEncoder() override { ::deflateEnd(&stream_); }
  GzipEncoder(const GzipEncoder&) = delete;
  GzipEncoder& operator=(const GzipEncoder&) = delete;

  void encode(std::string_view input, std::string& output) override {
    while (!input.empty()) {
      const std::string_view piece = input.substr(0, piece_bytes);
      run(piece, Z_NO_FLUSH, output);
      input.remove_prefix(piece.size());
    }
  }
  void finish(std::string& output) override { run({}, Z_FINISH, output); }

 private:
  /// Until all of `input` is taken and all that is ready has been handed out.
  void run(std::string_view input, int flush, std::string& output) {
    stream_.next_in = unwritten(input);
    stream_.avail_in = piece_of(input.size());
    do {
      append(output, piece_bytes, [&](char* place, std::size_t bytes) {
        stream_.next_out = reinterpret_cast<Bytef*>(place);
        stream_.avail_out = piece_of(bytes);
        ::deflate(&stream_, flush);  // Cannot fail with buffers that are there.
        return bytes - stream_.avail_out;
      });
    } while (stream_.avail_out == 0);
  }

  z_stream stream_{};
};

class ZstdDecoder final : public Decoder {
 public:
  ZstdDecoder() : context_(::ZSTD_createDCtx()) {
    if (!context_) throw std::bad_alloc();
  }

  void decode(std::string_view& input, std::string& output, std::size_t room) override {
    if (is_complete_ && input.empty()) return;
    append(output, room, [&](char* place, std::size_t bytes) {
      ZSTD_inBuffer in{input.data(), input.size(), 0};
      ZSTD_outBuffer out{place, bytes, 0};
      // The library refuses windows over 128 MiB by itself, which bounds its memory.
      const std::size_t left = ::ZSTD_decompressStream(context_.get(), &out, &in);
      if (::ZSTD_isError(left) != 0U) {
        throw_invalid_argument(std::string("the zstd data is damaged, or is none: ") +
                               ::ZSTD_getErrorName(left));
      }
      is_complete_ = left == 0;
      input.remove_prefix(in.pos);
      return out.pos;
    });
  }
  [[nodiscard]] bool is_complete() const noexcept override { return is_complete_; }

 private:
  struct Free {
    void operator()(ZSTD_DCtx* context) const noexcept { ::ZSTD_freeDCtx(context); }
  };

  std::unique_ptr<ZSTD_DCtx, Free> context_;
  bool is_complete_ = false;
};

class ZstdEncoder final : public Encoder {
 public:
  ZstdEncoder() : context_(::ZSTD_createCCtx()) {
    if (!context_) throw std::bad_alloc();
    ::ZSTD_CCtx_setParameter(context_.get(), ZSTD_c_checksumFlag, 1);
  }

  void encode(std::string_view input, std::string& output) override {
    ZSTD_inBuffer in{input.data(), input.size(), 0};
    while (in.pos < in.size) run(in, ZSTD_e_continue, output);
  }
  void finish(std::string& output) override {
    ZSTD_inBuffer in{nullptr, 0, 0};
    while (run(in, ZSTD_e_end, output) != 0) continue;
  }

 private:
  std::size_t run(ZSTD_inBuffer& in, ZSTD_EndDirective directive, std::string& output) {
    std::size_t left = 0;
    append(output, piece_bytes, [&](char* place, std::size_t bytes) {
      ZSTD_outBuffer out{place, bytes, 0};
      left = ::ZSTD_compressStream2(context_.get(), &out, &in, directive);
      if (::ZSTD_isError(left) != 0U) {
        throw Error(ErrorCode::internal,
                    std::string("zstd cannot compress: ") + ::ZSTD_getErrorName(left));
      }
      return out.pos;
    });
    return left;
  }

  struct Free {
    void operator()(ZSTD_CCtx* context) const noexcept { ::ZSTD_freeCCtx(context); }
  };

  std::unique_ptr<ZSTD_CCtx, Free> context_;
};

}  // namespace

Compression compression_by_name(std::string_view file) noexcept {
  if (file.ends_with(".gz")) return Compression::gzip;
  if (file.ends_with(".zst")) return Compression::zstd;
  return Compression::none;
}

Compression compression_by_content(std::string_view beginning) noexcept {
  if (beginning.starts_with(gzip_mark)) return Compression::gzip;
  if (beginning.starts_with(zstd_mark)) return Compression::zstd;
  return Compression::none;
}

std::unique_ptr<Decoder> make_decoder(Compression compression) {
  if (compression == Compression::gzip) return std::make_unique<GzipDecoder>();
  if (compression == Compression::zstd) return std::make_unique<ZstdDecoder>();
  return nullptr;
}

std::unique_ptr<Encoder> make_encoder(Compression compression) {
  if (compression == Compression::gzip) return std::make_unique<GzipEncoder>();
  if (compression == Compression::zstd) return std::make_unique<ZstdEncoder>();
  return nullptr;
}

}  // namespace holdfast::program
