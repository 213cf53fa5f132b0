#include "hostile_texts.hpp"

#include <array>
#include <random>

#include "holdfast/conformance/random_text.hpp"
#include "holdfast/entry.hpp"

namespace holdfast::fault_tests {

namespace {

constexpr std::array known{"'",
                           "''",
                           "\"",
                           "\\",
                           "\\'",
                           "`",
                           ";",
                           "--",
                           "/*",
                           "*/",
                           "#",
                           "' OR '1'='1",
                           "' OR 1=1 --",
                           "'; DROP TABLE entry; --",
                           "\"; DROP SCHEMA public CASCADE; --",
                           "') UNION SELECT namespace, key, value FROM entries --",
                           "x' AND (SELECT pg_sleep(10)) IS NULL --",
                           "$1",
                           "$$ SELECT 1 $$",
                           "?1",
                           ":name",
                           "@schema@",
                           "@schema@.entry",
                           "%",
                           "_",
                           "%25",
                           "%2F",
                           "%s%n%s%n",
                           "*",
                           "?",
                           "[a-z]",
                           "theirs",
                           "../theirs",
                           "/theirs",
                           "theirs/secret",
                           "$.text",
                           "$[*]",
                           "$**.text",
                           "$.text ? (@ == 1)",
                           "{text}",
                           "{\"$gt\":\"\"}",
                           "{\"$bytes\":\"AA==\"}",
                           "$bytes",
                           "$map",
                           "$holdfast",
                           "$gt",
                           "$where",
                           "a.b",
                           "a[0]",
                           "[\"text\"]",
                           "<script>alert(1)</script>",
                           "${jndi:ldap://127.0.0.1/a}",
                           "\n",
                           "\r\nINJECTED: 1",
                           "\t",
                           "\x1b[2J",
                           "\x7f",
                           "\xe2\x80\xae"
                           "txet",
                           "\xe2\x80\x8b",
                           "\xef\xbb\xbf",
                           "\xef\xbf\xbe",
                           "e\xcc\x81",
                           "\xf4\x8f\xbf\xbf",
                           "null",
                           "NULL",
                           "true",
                           "-1",
                           "1e999",
                           "NaN"};

}  // namespace

const std::vector<std::string>& hostile_texts() {
  static const std::vector<std::string> texts = [] {
    std::vector<std::string> all(known.begin(), known.end());
    all.emplace_back(max_key_bytes, '\'');
    all.emplace_back(max_key_bytes, '%');
    return all;
  }();
  return texts;
}

std::vector<std::string> mixed_hostile_texts(std::uint64_t seed, std::size_t count) {
  std::mt19937_64 random(seed);
  const auto& pieces = hostile_texts();
  std::vector<std::string> texts;
  while (texts.size() < count) {
    std::string text;
    for (std::size_t i = 1 + conformance::below_bound(random, 4); i > 0; --i) {
      text += conformance::below_bound(random, 3) == 0
                  ? conformance::random_utf8(random, conformance::below_bound(random, 12))
                  : pieces[conformance::below_bound(random, pieces.size())];
    }
    if (!text.empty() && text.size() <= max_key_bytes) texts.push_back(std::move(text));
  }
  return texts;
}

const std::vector<std::string>& impossible_texts() {
  using namespace std::string_literals;
  static const std::vector<std::string> texts{
      "\0"s,           "theirs\0"s,         "\0theirs"s,     "\xff"s,
      "\xc0\xaf"s,     "\xc0\xa7"s,         "\xe0\x80\xa7"s, "\xf0\x80\x80\xa7"s,
      "\xed\xa0\x80"s, "\xf4\x90\x80\x80"s, "'\xbf"s,        "\xc3\x28"s,
      "\x80"s};
  return texts;
}

}  // namespace holdfast::fault_tests
