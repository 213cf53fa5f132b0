/// @file
/// Digests: whether two stores hold the same (docs/migration.md).
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "holdfast/memory.hpp"

namespace holdfast {

/// What a digest is over: everything by default.
struct DigestOptions {
  Scope scope{Namespace(), true};
  Filter filter{};
  Revision created_after = 0;  ///< Leaves out entries that were created up to this revision.
};

struct Digest {
  std::string text;  ///< 32 hexadecimal digits.
  std::uint64_t entries = 0;
  std::uint64_t bytes = 0;  ///< Logical size of the entries.

  [[nodiscard]] friend bool operator==(const Digest&, const Digest&) = default;
};

/// Computes a digest from entries that are given in order of insertion (`created_revision`): over
/// namespace, key, value, `created_at`, `updated_at`, `expires_at` of each, and its rank. Revisions
/// have no part in it, so that a copy with other revisions in the same order has the same digest.
/// It finds damage and loss; it is no protection against intent (XXH3, 128 bits).
class DigestBuilder {
 public:
  /// Namespaces are taken relative to `base`, so that a subtree that was renamed has the same one.
  explicit DigestBuilder(Namespace base = {});
  DigestBuilder(DigestBuilder&&) noexcept;
  DigestBuilder& operator=(DigestBuilder&&) noexcept;
  ~DigestBuilder();

  void add(AddressView address, const Record& record);
  [[nodiscard]] Digest finish() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// The digest of what a store holds as of one instant, computed while streaming, with bounded
/// memory. Equal on every backend for equal entries. An in-memory store keeps writers waiting
/// meanwhile.
[[nodiscard]] Digest digest(Memory& memory, const DigestOptions& options = {},
                            const Context& context = {});

}  // namespace holdfast
