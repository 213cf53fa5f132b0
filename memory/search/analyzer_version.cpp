#include "analyzer_version.hpp"

#include <unicode/uversion.h>

#include <array>
#include <cstdint>
#include <cstdio>
#include <string_view>

#include "stemmer.hpp"

namespace holdfast::search {
namespace {

// Raised with each change of our own rules that changes terms.
constexpr int rules = 1;

// FNV-1a over texts and their ends.
class Fingerprint {
 public:
  void add(std::string_view text) noexcept {
    for (const char c : text) add_byte(static_cast<unsigned char>(c));
    add_byte(0xff);
  }
  [[nodiscard]] std::string text() const {
    std::array<char, 17> digits{};
    std::snprintf(digits.data(), digits.size(), "%016llx", static_cast<unsigned long long>(hash_));
    return digits.data();
  }

 private:
  void add_byte(unsigned char byte) noexcept { hash_ = (hash_ ^ byte) * 0x100000001b3U; }

  std::uint64_t hash_ = 0xcbf29ce484222325U;
};

// Snowball says its version nowhere. What it does is told by the languages it has, which every
// release added to, and by the stems of some words, among them those whose stems have changed.
std::string snowball_fingerprint(const std::string& language) {
  Fingerprint fingerprint;
  for (const std::string& each : stemmer_languages()) fingerprint.add(each);
  Stemmer stemmer(language);
  const auto add = [&](std::string_view word) {
    std::string stem(word);
    stemmer.stem(stem);
    fingerprint.add(stem);
  };
  constexpr auto words = std::to_array<std::string_view>(
      {"evening", "generously", "apologist", "skis", "dying", "universe", "organisation", "posted",
       "emerging", "intensive", "naciones", "gatos", "kinderen", "lichamelijkheden", "häuser",
       "vögel", "maisons", "études", "città", "casas", "книги", "σπίτια", "kitapları"});
  for (const std::string_view word : words) add(word);
  return fingerprint.text();
}

}  // namespace

std::string analyzer_version(const std::string& language) {
  UVersionInfo running{};
  u_getVersion(running);
  std::array<char, U_MAX_VERSION_STRING_LENGTH> icu{};
  u_versionToString(running, icu.data());
  std::string version = "rules " + std::to_string(rules) + ", icu " + icu.data() + ", " + language;
  if (language != "none") version += " " + snowball_fingerprint(language);
  return version;
}

}  // namespace holdfast::search
