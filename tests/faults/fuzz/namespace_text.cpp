// The text form of namespaces and of their patterns: exactly what is canonical is taken, and it
// comes back (contract, clauses 1.1 to 1.3 and 7.7).
#include <nlohmann/json.hpp>
#include <vector>

#include "fuzz_input.hpp"
#include "holdfast/namespace.hpp"

namespace holdfast::fault_tests {
namespace {

bool is_utf8(std::string_view text) {
  try {
    static_cast<void>(nlohmann::json(text).dump());
    return true;
  } catch (const nlohmann::json::type_error&) {
    return false;
  }
}

// The contract's words, one by one.
bool is_canonical(std::string_view text) {
  if (text.size() > Namespace::max_bytes || !is_utf8(text)) return false;
  if (text.find('\0') != std::string_view::npos) return false;
  if (text.empty()) return true;
  if (text.front() == '/' || text.back() == '/') return false;
  if (text.find("//") != std::string_view::npos) return false;
  for (std::size_t at = text.find('%'); at != std::string_view::npos; at = text.find('%', at + 1)) {
    const std::string_view escape = text.substr(at, 3);
    if (escape != "%25" && escape != "%2F") return false;
  }
  return true;
}

void check_namespace(const Namespace& ns, std::string_view text) {
  expect(ns.text() == text, "the text changed", ns.text());
  const std::vector<std::string> segments = ns.segments();
  expect(segments.size() == ns.depth(), "another depth", text);
  expect(Namespace::of(segments) == ns, "the segments make another namespace", text);
  Namespace built;
  for (const std::string& segment : segments) {
    const Namespace above = built;
    built = built / segment;
    expect(built.parent() == above && above.contains(built) && !built.contains(above),
           "a parent is another", built.text());
    expect(ns.truncated_to(built.depth()) == built && built.contains(ns), "a part is another",
           built.text());
  }
  expect(built == ns, "the segments lead elsewhere", built.text());
  expect(!ns.contains(Namespace("other")) || ns.is_root() || ns == Namespace("other"),
         "it contains another", text);
  const NamespacePattern itself(ns);
  expect(itself.is_prefix_of(ns) && itself.is_suffix_of(ns), "it does not match itself", text);
  expect(itself.literal_prefix() == ns, "its pattern begins otherwise", text);
  const NamespacePattern again(itself.text());
  expect(again.text() == itself.text() && again.is_prefix_of(ns), "its pattern reads otherwise",
         itself.text());
}

void check_pattern(std::string_view text, const Namespace& ns) {
  NamespacePattern pattern;
  if (!is_taken([&] { pattern = NamespacePattern(text); })) return;
  const NamespacePattern again(pattern.text());
  expect(again.text() == pattern.text(), "a pattern reads otherwise", pattern.text());
  expect(again.is_prefix_of(ns) == pattern.is_prefix_of(ns) &&
             again.is_suffix_of(ns) == pattern.is_suffix_of(ns),
         "a pattern that was read back matches otherwise", text);
  expect(!pattern.is_prefix_of(ns) || pattern.literal_prefix().contains(ns),
         "a match lies outside of its literal prefix", text);
}

void check_segment(std::string_view segment) {
  Namespace ns;
  if (!is_taken([&] { ns = Namespace("above") / segment; })) return;
  expect(ns.segments() == std::vector<std::string>{"above", std::string(segment)},
         "a segment comes back otherwise", ns.text());
  expect(is_canonical(ns.text()), "what was made is not canonical", ns.text());
}

}  // namespace
}  // namespace holdfast::fault_tests

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace holdfast;
  using namespace holdfast::fault_tests;
  FuzzInput input(bytes, size);
  const std::string_view whole = input.rest();
  const std::string_view line = input.line();
  for (const std::string_view text : {whole, line}) {
    Namespace ns;
    const bool taken = is_taken([&] { ns = Namespace(text); });
    expect(taken == is_canonical(text), taken ? "it was taken" : "it was refused", text);
    if (taken) check_namespace(ns, text);
    check_pattern(text, ns);
    check_pattern(input.rest(), ns);
    check_segment(text);
  }
  return 0;
}
