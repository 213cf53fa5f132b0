// Clause 1: addressing.
#include <random>

#include "expectations.hpp"
#include "holdfast/conformance/random_text.hpp"
#include "suite_links.hpp"

namespace holdfast::conformance {

HOLDFAST_CONFORMANCE_LINK(addressing)
HOLDFAST_CONFORMANCE_SUITE_MAY_BE_EMPTY(AddressingConformance);

namespace {

// Each is a key, and a segment, of its own. Some differ only in ways that stores like to lose.
std::vector<std::string> awkward_texts() {
  return {"a",
          "A",
          " a",
          "a ",
          "::",
          "a::b",
          "%",
          "%2F",
          "%25",
          "*",
          "?",
          "/",
          "a/b",
          "//",
          ".",
          "..",
          "_",
          "[x]",
          "\\",
          "\\*",
          "'",
          "\"",
          "';--",
          "\n",
          "\t",
          "\x7f",
          "\x01",
          "null",
          "0",
          "1",
          "1.0",
          "-1",
          "{\"a\":1}",
          "\xc3\xa9",
          "e\xcc\x81",
          "\xef\xbf\xbf",
          "\xef\xbb\xbf",
          "\xf4\x8f\xbf\xbf",
          "\xf0\x90\x80\x80",
          "users",
          "$x",
          "#",
          "a&b",
          "a=b",
          "a+b",
          "caf\xc3\xa9"};
}

std::vector<std::string> invalid_texts() {
  using namespace std::string_literals;
  return {"\0"s,    "a\0b"s, "\xff"s, "\xc3"s, "\xc0\x80"s, "\xed\xa0\x80"s, "\xf4\x90\x80\x80"s,
          "ok\x80"s};
}

}  // namespace

TEST_P(AddressingConformance, SameKeyInTwoNamespacesIsTwoEntries) {
  HOLDFAST_CLAUSE("1.1");
  memory().set("users/1", "name", "Ann");
  memory().set("users/2", "name", "Bob");
  EXPECT_EQ(memory().get("users/1", "name"), MemoryValue("Ann"));
  EXPECT_EQ(memory().get("users/2", "name"), MemoryValue("Bob"));
  EXPECT_TRUE(memory().erase("users/1", "name").applied());
  EXPECT_FALSE(memory().exists("users/1", "name"));
  EXPECT_TRUE(memory().exists("users/2", "name"));
}

TEST_P(AddressingConformance, RootIsANamespaceLikeAnyOther) {
  HOLDFAST_CLAUSE("1.1");
  memory().set({}, "k", 1);
  memory().set("a", "k", 2);
  EXPECT_EQ(memory().get({}, "k"), MemoryValue(1));
  EXPECT_EQ(memory().count(only({})), 1U);
  EXPECT_EQ(memory().count(below({})), 2U);
  EXPECT_EQ(memory().clear(only({})), 1U);
  EXPECT_EQ(memory().get("a", "k"), MemoryValue(2));
}

TEST_P(AddressingConformance, SubtreeHoldsDescendantsAndNoNamesakes) {
  HOLDFAST_CLAUSE("1.1");
  for (const char* ns : {"users/4", "users/42", "users/42/chat", "users/42/chat/1", "users/421",
                         "users/42-old", "users/42!", "users/420/chat", "users"}) {
    memory().set(ns, "k", ns);
  }
  const std::vector<std::string> expected{"users/42:k", "users/42/chat:k", "users/42/chat/1:k"};
  EXPECT_EQ(places_of(all_pages(memory(), query_of(below("users/42")))), expected);
  EXPECT_EQ(memory().count(below("users/42")), 3U);
  EXPECT_EQ(memory().count(only("users/42")), 1U);
  EXPECT_EQ(memory().clear(below("users/42")), 3U);
  EXPECT_EQ(memory().get("users/421", "k"), MemoryValue("users/421"));
  EXPECT_EQ(memory().count(below({})), 6U);
}

TEST_P(AddressingConformance, SeparatorsNeverMoveTextBetweenNamespaceAndKey) {
  HOLDFAST_CLAUSE("1.1");
  const std::vector<std::pair<Namespace, std::string>> places{
      {Namespace::of({"a::b"}), "c"},  {Namespace::of({"a"}), "b::c"},
      {Namespace::of({"a/b"}), "c"},   {Namespace::of({"a", "b"}), "c"},
      {Namespace::of({"a"}), "b/c"},   {Namespace(), "a/b/c"},
      {Namespace::of({"a%2Fb"}), "c"}, {Namespace::of({"a:"}), ":b::c"}};
  for (std::size_t i = 0; i < places.size(); ++i) {
    EXPECT_EQ(memory().set(places[i].first, places[i].second, i).status, WriteStatus::created);
  }
  for (std::size_t i = 0; i < places.size(); ++i) {
    EXPECT_EQ(memory().get(places[i].first, places[i].second), MemoryValue(i));
  }
  EXPECT_EQ(memory().count(below({})), places.size());
}

TEST_P(AddressingConformance, AnyTextIsAKeyOfItsOwn) {
  HOLDFAST_CLAUSE("1.2");
  std::vector<std::string> keys = awkward_texts();
  keys.emplace_back();  // The empty key.
  for (const std::string& key : keys) {
    EXPECT_EQ(memory().set("keys", key, key).status, WriteStatus::created) << key;
  }
  for (const std::string& key : keys) {
    EXPECT_EQ(memory().get("keys", key), MemoryValue(key)) << key;
  }
  std::ranges::sort(keys);  // std::string compares bytes.
  EXPECT_EQ(keys_of(all_pages(memory(), query_of(only("keys")))), keys);
}

TEST_P(AddressingConformance, AnyTextIsASegmentOfItsOwn) {
  HOLDFAST_CLAUSE("1.2");
  std::vector<std::string> canonical;
  for (const std::string& text : awkward_texts()) {
    const Namespace ns = Namespace("root") / text;
    EXPECT_EQ(memory().set(ns, "k", text).status, WriteStatus::created) << text;
    canonical.emplace_back(ns.text());
  }
  for (const std::string& text : awkward_texts()) {
    const Namespace ns = Namespace("root") / text;
    EXPECT_EQ(memory().get(ns, "k"), MemoryValue(text)) << text;
    EXPECT_EQ(memory().count(below(ns)), 1U) << text;
  }
  std::ranges::sort(canonical);
  EXPECT_EQ(listed(memory()), canonical);
}

TEST_P(AddressingConformance, NamespacesAndKeysSortBytewiseByTheirCanonicalText) {
  HOLDFAST_CLAUSE("1.2");
  std::vector<std::pair<std::string, std::string>> expected;
  for (const char* ns : {"a", "a/b", "a!", "a0", "aa", "Z", "\xc3\xa9", "\xef\xbf\xbf",
                         "\xf0\x90\x80\x80", "a%2Fb", "a%25"}) {
    for (const char* key : {"z", "Z", "10", "9", "\xc3\xa9", "\xef\xbf\xbf", "\xf0\x90\x80\x80"}) {
      memory().set(ns, key, 1);
      expected.emplace_back(ns, key);
    }
  }
  std::ranges::sort(expected);
  std::vector<std::pair<std::string, std::string>> seen;
  for (const Entry& entry : everything(memory())) seen.emplace_back(entry.ns.text(), entry.key);
  EXPECT_EQ(seen, expected);
}

TEST_P(AddressingConformance, InvalidKeysAndPrefixesAreRefusedAndNothingChanges) {
  HOLDFAST_CLAUSE("1.2");
  memory().set("a", "k", 1);
  const std::vector<Entry> before = everything(memory());
  for (const std::string& bad : invalid_texts()) {
    EXPECT_TRUE(is_refused_as_invalid([&] { return memory().set("a", bad, 1); }));
    EXPECT_TRUE(is_refused_as_invalid([&] { return memory().get("a", bad); }));
    EXPECT_TRUE(is_refused_as_invalid([&] { return memory().exists("a", bad); }));
    EXPECT_TRUE(is_refused_as_invalid([&] { return memory().erase("a", bad); }));
    EXPECT_TRUE(is_refused_as_invalid([&] { return memory().take("a", bad); }));
    EXPECT_TRUE(is_refused_as_invalid([&] { return memory().increment("a", bad); }));
    EXPECT_TRUE(is_refused_as_invalid([&] { return memory().touch("a", bad, Ttl(1s)); }));
    EXPECT_TRUE(is_refused_as_invalid([&] { return WriteBatch().set("a", bad, 1).size(); }));
    EXPECT_TRUE(is_refused_as_invalid([&] {
      return memory().get_many("a", std::vector<std::string>{"k", bad});
    }));
    MemoryQuery query = query_of(only("a"));
    query.key_prefix = bad;
    EXPECT_TRUE(is_refused_as_invalid([&] { return memory().query(query); }));
    EXPECT_TRUE(is_refused_as_invalid([&] { return memory().count(query); }));
    EXPECT_TRUE(is_refused_as_invalid([&] { return Namespace("a") / bad; }));
  }
  EXPECT_EQ(everything(memory()), before);
}

TEST_P(AddressingConformance, TheLibrarysOwnNamespacesAreRefused) {
  HOLDFAST_CLAUSE("1.2");
  for (const char* text : {"$holdfast", "$holdfast/x", "$holdfast_search", "$holdfastly/a/b"}) {
    const Namespace ns(text);
    EXPECT_TRUE(is_refused_as_invalid([&] { return memory().set(ns, "k", 1); })) << text;
    EXPECT_TRUE(is_refused_as_invalid([&] { return memory().get(ns, "k"); })) << text;
    EXPECT_TRUE(is_refused_as_invalid([&] { return memory().erase(ns, "k"); })) << text;
    EXPECT_TRUE(is_refused_as_invalid([&] { return memory().increment(ns, "k"); })) << text;
    EXPECT_TRUE(is_refused_as_invalid([&] { return memory().count(below(ns)); })) << text;
    EXPECT_TRUE(is_refused_as_invalid([&] { return memory().clear(below(ns)); })) << text;
    EXPECT_TRUE(is_refused_as_invalid([&] { return memory().query(query_of(only(ns))); })) << text;
    const std::vector<Address> addresses{{ns, "k"}};
    EXPECT_TRUE(is_refused_as_invalid([&] { return memory().get_many(addresses); })) << text;
    EXPECT_TRUE(is_refused_as_invalid([&] { return WriteBatch().set(ns, "k", 1).size(); })) << text;
  }
  EXPECT_EQ(memory().set("a/$holdfast", "k", 1).status, WriteStatus::created);
  EXPECT_EQ(memory().set("$hold", "k", 1).status, WriteStatus::created);
  EXPECT_EQ(listed(memory()), (std::vector<std::string>{"$hold", "a/$holdfast"}));
  EXPECT_EQ(memory().count(below({})), 2U);
}

TEST_P(AddressingConformance, KeysAndNamespacesOfFullLengthWork) {
  HOLDFAST_CLAUSE("1.3");
  std::mt19937_64 random(20260101);
  std::vector<Address> addresses;
  for (int i = 0; i < 50; ++i) {
    addresses.push_back({Namespace::of({random_utf8(random, Namespace::max_bytes)}),
                         random_utf8(random, max_key_bytes)});
    ASSERT_EQ(addresses.back().ns.text().size(), Namespace::max_bytes);
    EXPECT_EQ(memory().set(addresses.back().ns, addresses.back().key, i).status,
              WriteStatus::created);
  }
  for (int i = 0; i < 50; ++i) {
    const Address& address = addresses[static_cast<std::size_t>(i)];
    EXPECT_EQ(memory().get(address.ns, address.key), MemoryValue(i));
  }
  std::ranges::sort(addresses);
  std::vector<Address> seen;
  for (const Entry& entry :
       all_pages(memory(), query_of(below({}), OrderBy::key, Direction::ascending, 7))) {
    seen.push_back({entry.ns, entry.key});
  }
  EXPECT_EQ(seen, addresses);
  EXPECT_EQ(memory().clear(below({})), 50U);
}

TEST_P(AddressingConformance, LongKeysThatDifferInTheirLastByteAreApart) {
  HOLDFAST_CLAUSE("1.3");
  const std::string stem(max_key_bytes - 1, 'x');
  memory().set("a", stem + "1", 1);
  memory().set("a", stem + "2", 2);
  memory().set("a", stem, 0);
  EXPECT_EQ(memory().get("a", stem + "1"), MemoryValue(1));
  EXPECT_EQ(memory().get("a", stem + "2"), MemoryValue(2));
  EXPECT_EQ(keys_of(all_pages(memory(), query_of(only("a")))),
            (std::vector<std::string>{stem, stem + "1", stem + "2"}));
}

TEST_P(AddressingConformance, OneByteTooManyIsRefused) {
  HOLDFAST_CLAUSE("1.3");
  const std::string too_long(max_key_bytes + 1, 'x');
  EXPECT_TRUE(is_refused_as_invalid([&] { return memory().set("a", too_long, 1); }));
  EXPECT_TRUE(is_refused_as_invalid([&] { return memory().get("a", too_long); }));
  EXPECT_TRUE(is_refused_as_invalid([&] { return Namespace::of({too_long}); }));
  // Escapes count: 512 slashes in a segment are 1,536 bytes of canonical text.
  EXPECT_TRUE(is_refused_as_invalid([&] { return Namespace() / std::string(512, '/'); }));
  EXPECT_EQ(memory().count(below({})), 0U);
}

}  // namespace holdfast::conformance
