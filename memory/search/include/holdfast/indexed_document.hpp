/// @file
/// What one value contributes to an index: counts of terms, and nothing else.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "holdfast/analyzer.hpp"
#include "holdfast/search_config.hpp"
#include "holdfast/time.hpp"
#include "holdfast/value.hpp"

namespace holdfast {

/// How often a term stands in one field of a document.
struct FieldCount {
  std::uint32_t field = 0;   ///< Which of `SearchConfig::fields`.
  std::uint32_t said = 0;    ///< Outside questions.
  std::uint32_t asked = 0;   ///< In questions.
  std::uint32_t length = 0;  ///< How many terms the field has in all.

  [[nodiscard]] friend bool operator==(const FieldCount&, const FieldCount&) = default;
};

/// A term of a document.
struct TermCounts {
  std::string term;
  std::vector<FieldCount> counts;  ///< By field; the fields that have it.

  [[nodiscard]] friend bool operator==(const TermCounts&, const TermCounts&) = default;
};

/// All that an index keeps of a document: a function of the value, its `created_at`, the
/// configuration and the analyzer's version. A document without terms is found by nothing, and is
/// still a document: it has a place and is counted.
struct IndexedDocument {
  std::vector<TermCounts> terms;       ///< Bytewise by term.
  std::vector<std::uint32_t> lengths;  ///< Terms in each of `SearchConfig::fields`.

  [[nodiscard]] friend bool operator==(const IndexedDocument&, const IndexedDocument&) = default;
};

/// Makes documents of values. Immutable; safe to use from many threads.
class DocumentIndexer {
 public:
  /// Throws `InvalidArgument` for a configuration that `SearchConfig::check` refuses.
  explicit DocumentIndexer(SearchConfig config);

  [[nodiscard]] const SearchConfig& config() const noexcept { return config_; }
  [[nodiscard]] const Analyzer& analyzer() const noexcept { return analyzer_; }
  /// Whether values of the namespace are documents at all.
  [[nodiscard]] bool indexes_nothing() const noexcept { return config_.fields.empty(); }

  [[nodiscard]] IndexedDocument index(const MemoryValue& value, Timestamp created_at) const;

 private:
  SearchConfig config_;
  Analyzer analyzer_;
};

}  // namespace holdfast
