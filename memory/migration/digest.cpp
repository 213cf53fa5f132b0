#include "holdfast/digest.hpp"

#include <xxhash.h>

#include <array>
#include <cstddef>
#include <new>
#include <utility>

#include "holdfast/error.hpp"
#include "relative_namespace.hpp"

namespace holdfast {
namespace {

// What every digest begins with, so that another definition gives others.
constexpr std::string_view version_tag = "holdfast digest 1\n";

struct FreeHash {
  void operator()(XXH3_state_t* hash) const noexcept { XXH3_freeState(hash); }
};

std::array<unsigned char, 8> little_endian(std::uint64_t number) noexcept {
  std::array<unsigned char, 8> bytes{};
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    bytes[i] = static_cast<unsigned char>(number >> (8 * i));
  }
  return bytes;
}

std::string hexadecimal(const XXH128_canonical_t& hash) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  for (const unsigned char byte : hash.digest) {
    text += digits[byte >> 4U];
    text += digits[byte & 0xfU];
  }
  return text;
}

}  // namespace

// Hashing in memory cannot fail: the results of the updates say nothing.
struct DigestBuilder::State {
  explicit State(Namespace of) : base(std::move(of)), hash(XXH3_createState()) {
    if (hash == nullptr) throw std::bad_alloc();
    XXH3_128bits_reset(hash.get());
    add_bytes(version_tag);
  }

  void add_bytes(std::string_view text) noexcept {
    XXH3_128bits_update(hash.get(), text.data(), text.size());
  }
  void add_number(std::uint64_t number) noexcept {
    const auto little = little_endian(number);
    XXH3_128bits_update(hash.get(), little.data(), little.size());
  }
  void add_text(std::string_view text) noexcept {
    add_number(text.size());
    add_bytes(text);
  }
  void add_time(Timestamp time) noexcept {
    add_number(static_cast<std::uint64_t>(time.time_since_epoch().count()));
  }

  Namespace base;
  std::unique_ptr<XXH3_state_t, FreeHash> hash;
  std::uint64_t entries = 0;
  std::uint64_t bytes = 0;
};

DigestBuilder::DigestBuilder(Namespace base) : state_(std::make_unique<State>(std::move(base))) {}
DigestBuilder::DigestBuilder(DigestBuilder&&) noexcept = default;
DigestBuilder& DigestBuilder::operator=(DigestBuilder&&) noexcept = default;
DigestBuilder::~DigestBuilder() = default;

void DigestBuilder::add(AddressView address, const Record& record) {
  State& state = *state_;
  if (!subtree_contains(state.base.text(), address.ns)) {
    throw_invalid_argument("the namespace '" + std::string(address.ns) +
                           "' does not lie below that of the digest, '" +
                           std::string(state.base.text()) + "'");
  }
  const std::string_view value = record.value.json_text();
  state.add_number(state.entries++);
  state.add_text(relative_namespace(state.base, address.ns));
  state.add_text(address.key);
  state.add_text(value);
  state.add_time(record.created_at);
  state.add_time(record.updated_at);
  state.add_bytes(record.expires_at ? std::string_view("\1", 1) : std::string_view("\0", 1));
  if (record.expires_at) state.add_time(*record.expires_at);
  state.bytes += address.ns.size() + address.key.size() + value.size();
}

Digest DigestBuilder::finish() const {
  XXH128_canonical_t hash{};
  XXH128_canonicalFromHash(&hash, XXH3_128bits_digest(state_->hash.get()));
  return {hexadecimal(hash), state_->entries, state_->bytes};
}

Digest digest(Memory& memory, const DigestOptions& options, const Context& context) {
  MemoryQuery query;
  query.scope = options.scope;
  query.filter = options.filter;
  query.order = OrderBy::created;
  query.after_revision = options.created_after;
  DigestBuilder builder(options.scope.ns);
  memory.scan(
      query,
      [&](const ScanRow& row) {
        builder.add(row.address, row.record);
        return true;
      },
      context);
  return builder.finish();
}

}  // namespace holdfast
