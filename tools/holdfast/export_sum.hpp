/// @file
/// What the closing line of an export says about the lines before it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "holdfast/digest.hpp"

struct XXH3_state_s;

namespace holdfast::program {

/// How many entries there were, and two digests, both XXH3 of 128 bits in hexadecimal. They find
/// damage and loss; they are no protection against intent.
struct ExportClosing {
  std::uint64_t entries = 0;
  std::string digest;  ///< Of the entries as a store holds them: what `holdfast digest` prints.
  std::string lines;   ///< Of the bytes of all lines, header included, each with a line feed.

  [[nodiscard]] friend bool operator==(const ExportClosing&, const ExportClosing&) = default;
};

/// Computes the closing line's content while an export is written or read.
class ExportSum {
 public:
  /// @param scope the namespace that was exported.
  explicit ExportSum(const Namespace& scope = {});

  void add_line(std::string_view line);
  /// Throws `InvalidArgument` where the entry lies outside the scope.
  void add_entry(AddressView address, const Record& record);
  [[nodiscard]] std::uint64_t entries() const noexcept { return entries_; }
  [[nodiscard]] ExportClosing closing() const;

 private:
  struct Free {
    void operator()(XXH3_state_s* hash) const noexcept;
  };

  DigestBuilder content_;
  std::unique_ptr<XXH3_state_s, Free> lines_;
  std::uint64_t entries_ = 0;
};

}  // namespace holdfast::program
