// What a store answered to one step, in a form that answers of other stores compare with.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "holdfast/conformance/revision_pairs.hpp"
#include "holdfast/error.hpp"
#include "holdfast/write.hpp"

namespace holdfast::differential {

// A list of named parts. Each is a text, which has to be the same in every store, or a revision,
// which has to stand for the same write.
class Answer {
 public:
  void add(std::string what, std::string text);
  void add(std::string what, bool truth) { add(std::move(what), truth ? "true" : "false"); }
  void add(std::string what, const char* text) { add(std::move(what), std::string(text)); }
  template <std::integral T>
  requires(!std::same_as<T, bool>) void add(std::string what, T number) {
    add(std::move(what), std::to_string(number));
  }
  void add_value(std::string what, const MemoryValue& value);
  void add_revision(std::string what, Revision revision);
  void add_record(const std::string& what, const Record& record);
  void add_entry(const std::string& what, const std::optional<Entry>& entry);
  void add_result(const std::string& what, const WriteResult& result);
  // `with_message`: where the library words it, and not the store.
  void add_error(const Error& error, bool with_message);

  [[nodiscard]] Revision greatest_revision() const noexcept { return greatest_revision_; }
  // Revisions of removals that this answer told of.
  [[nodiscard]] std::span<const Revision> removals() const noexcept { return removals_; }

  struct Difference {
    std::string reference;  // What the one says where they first differ, and the other.
    std::string other;
  };
  // How `other` differs from this answer first. `pairs` has the revisions of both stores.
  [[nodiscard]] std::optional<Difference> first_difference(const Answer& other,
                                                           conformance::RevisionPairs& pairs) const;

 private:
  struct Part {
    std::string what;
    std::string text;
    std::optional<Revision> revision;
  };
  [[nodiscard]] static bool agree(const Part& part, const Part& other,
                                  conformance::RevisionPairs& pairs);
  [[nodiscard]] std::string described(std::size_t part, std::size_t offset) const;

  std::vector<Part> parts_;
  std::vector<Revision> removals_;
  Revision greatest_revision_ = 0;
};

// Printable: other bytes as \xNN; long texts are cut around `offset`.
[[nodiscard]] std::string printable(std::string_view text, std::size_t offset = 0);

// Printable and whole, but for long runs of other bytes.
[[nodiscard]] std::string abridged(std::string_view text);

}  // namespace holdfast::differential
