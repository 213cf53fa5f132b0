// list, count, namespaces, clear.
#include <algorithm>

#include "program_runner.hpp"

namespace holdfast::test {
namespace {

using nlohmann::json;

class ListCommands : public ProgramTest {
 protected:
  void fill() {
    done({"set", "users/42", "b", R"({"role":"user","n":2})"});
    done({"set", "users/42", "a", R"({"role":"assistant","n":1})"});
    done({"set", "users/42/chats", "c", R"({"role":"user","n":3})"});
    done({"set", "users/421", "d", R"({"role":"user","n":4})"});
    done({"set", "", "root", "0"});
  }

  /// The keys that `list` prints with these arguments.
  std::vector<std::string> keys(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "list");
    arguments.emplace_back("--json");
    std::vector<std::string> result;
    for (const json& entry : json_lines(done(std::move(arguments)))) result.push_back(entry["key"]);
    return result;
  }

  using Keys = std::vector<std::string>;
};

TEST_F(ListCommands, ListGivesOneNamespaceInOrderOfKeys) {
  fill();
  EXPECT_EQ(keys({"users/42"}), (Keys{"a", "b"}));
}

TEST_F(ListCommands, RecursiveListGivesTheSubtreeAndNoNamesake) {
  fill();
  EXPECT_EQ(keys({"users/42", "--recursive"}), (Keys{"a", "b", "c"}));
  EXPECT_EQ(keys({"", "--recursive"}), (Keys{"root", "a", "b", "c", "d"}));
  EXPECT_EQ(keys({""}), Keys{"root"});
  EXPECT_EQ(keys({"nobody", "-r"}), Keys{});
}

TEST_F(ListCommands, JsonLinesHoldWholeEntries) {
  done({"set", "n", "k", R"({"a":[1,"x"]})"});
  const std::string entry = done({"get", "n", "k", "--entry", "--json"});
  EXPECT_EQ(done({"list", "n", "--json"}), entry);
  EXPECT_TRUE(
      entry.starts_with(R"({"namespace":"n","key":"k","value":{"a":[1,"x"]},"revision":1,)"))
      << entry;
}

TEST_F(ListCommands, KeysOnlyLeavesTheValuesOut) {
  fill();
  for (const json& entry : json_lines(done({"list", "users/42", "--keys-only", "--json"}))) {
    EXPECT_FALSE(entry.contains("value"));
    EXPECT_TRUE(entry.contains("revision"));
  }
}

TEST_F(ListCommands, FilterPatternAndPrefixNarrowTheList) {
  fill();
  EXPECT_EQ(keys({"users", "-r", "--filter", R"({"role":"user"})"}), (Keys{"b", "c", "d"}));
  EXPECT_EQ(keys({"users", "-r", "--filter", R"({"n":{"$gte":2,"$lt":4}})"}), (Keys{"b", "c"}));
  EXPECT_EQ(keys({"", "-r", "--pattern", "r*t"}), Keys{"root"});
  EXPECT_EQ(keys({"", "-r", "--prefix", "ro"}), Keys{"root"});
}

TEST_F(ListCommands, OrderIsByKeyInsertionOrLastWriteEitherWay) {
  fill();
  done({"set", "users/42", "b", "9"});
  EXPECT_EQ(keys({"users/42", "--order", "created"}), (Keys{"b", "a"}));
  EXPECT_EQ(keys({"users/42", "--order", "updated"}), (Keys{"a", "b"}));
  EXPECT_EQ(keys({"users/42", "--descending"}), (Keys{"b", "a"}));
}

TEST_F(ListCommands, TopOrdersByTheValueAtAPath) {
  fill();
  EXPECT_EQ(keys({"", "-r", "--top", "n", "--descending", "--limit", "2"}), (Keys{"d", "c"}));
  EXPECT_EQ(keys({"", "-r", "--top", "n", "--limit", "1"}), Keys{"a"});
}

TEST_F(ListCommands, TimeRangesTakeIsoTimesAndMilliseconds) {
  fill();
  EXPECT_EQ(keys({"users/42", "--created-from", "2020-01-01"}), (Keys{"a", "b"}));
  EXPECT_EQ(keys({"users/42", "--created-until", "2020-01-01T00:00:00Z"}), Keys{});
  const json entry = json::parse(done({"get", "", "root", "--entry", "--json"}));
  const std::string updated = std::to_string(entry["updated_at"].get<std::int64_t>());
  EXPECT_EQ(keys({"", "--updated-from", updated}), Keys{"root"});
  EXPECT_EQ(keys({"", "--updated-until", updated}), Keys{});
}

TEST_F(ListCommands, LimitGivesACursorOnStandardErrorThatGoesOn) {
  fill();
  Keys seen;
  std::string cursor;
  do {
    std::vector<std::string> arguments{"list", "users", "-r", "--limit", "1", "--json"};
    if (!cursor.empty()) arguments.insert(arguments.end(), {"--cursor", cursor});
    const RunResult page = run(arguments);
    ASSERT_EQ(page.exit_code, 0) << page.err;
    for (const json& entry : json_lines(page.out)) seen.push_back(entry["key"]);
    cursor.clear();
    const std::string lead = "next cursor: ";
    if (page.err.starts_with(lead)) cursor = lines_of(page.err)[0].substr(lead.size());
  } while (!cursor.empty());
  EXPECT_EQ(seen, (Keys{"a", "b", "c", "d"}));
}

TEST_F(ListCommands, WithoutLimitEverythingIsListed) {
  std::string entries;
  for (int i = 0; i < 12'345; ++i) {
    entries += R"({"namespace":"n","key":")" + std::to_string(i) + R"(","value":)" +
               std::to_string(i) + "}\n";
  }
  EXPECT_EQ(done({"import", "--format", "plain", "-"}, entries), "12345 entries imported\n");
  const std::string listed = done({"list", "n", "--json", "--keys-only", "--order", "created"});
  const auto documents = json_lines(listed);
  ASSERT_EQ(documents.size(), 12'345U);
  for (std::size_t i = 0; i < documents.size(); ++i) {
    ASSERT_EQ(documents[i]["key"], std::to_string(i));
  }
  const RunResult limited = run({"list", "n", "--json", "--limit", "11000"});
  EXPECT_EQ(lines_of(limited.out).size(), 11'000U);
  EXPECT_TRUE(limited.err.starts_with("next cursor: "));
}

TEST_F(ListCommands, TableHasAHeadLineAndAlignedColumns) {
  done({"set", "n", "鍵", "1"});
  done({"set", "n", "longer", "\"\\u001b[31m\""});
  const auto lines = lines_of(done({"list", "n"}));
  ASSERT_EQ(lines.size(), 3U);
  EXPECT_TRUE(lines[0].starts_with("NAMESPACE  KEY     REVISION  UPDATED")) << lines[0];
  EXPECT_TRUE(lines[1].starts_with("n          longer         2  2")) << lines[1];
  EXPECT_TRUE(lines[2].starts_with("n          鍵             1  2")) << lines[2];
  EXPECT_TRUE(lines[1].ends_with("Z  \"\\u001b[31m\"")) << lines[1];
  EXPECT_EQ(done({"list", "empty"}), "");
}

TEST_F(ListCommands, ControlCharactersInKeysDoNotReachTheTable) {
  done({"set", "n", "a\x1b[2Jb\nc", "1"});
  const std::string table = done({"list", "n"});
  EXPECT_EQ(table.find('\x1b'), std::string::npos);
  EXPECT_NE(table.find("a\\u001b[2Jb\\u000ac"), std::string::npos) << table;
}

TEST_F(ListCommands, CountPrintsTheNumberAlone) {
  fill();
  EXPECT_EQ(done({"count", "users/42"}), "2\n");
  EXPECT_EQ(done({"count", "users/42", "--recursive"}), "3\n");
  EXPECT_EQ(done({"count", "", "--recursive", "--json"}), "5\n");
  EXPECT_EQ(done({"count", "", "-r", "--filter", R"({"role":"user"})"}), "3\n");
  EXPECT_EQ(done({"count", "nobody"}), "0\n");
}

TEST_F(ListCommands, NamespacesAreListedOnceAndSorted) {
  fill();
  EXPECT_EQ(done({"namespaces"}), "''\nusers/42\nusers/42/chats\nusers/421\n");
  EXPECT_EQ(done({"namespaces", "--json", "--prefix", "users/42"}),
            "{\"namespace\":\"users/42\"}\n{\"namespace\":\"users/42/chats\"}\n");
  EXPECT_EQ(done({"namespaces", "--suffix", "chats"}), "users/42/chats\n");
  EXPECT_EQ(done({"namespaces", "--prefix", "users/*", "--max-depth", "1", "--counts", "--json"}),
            "{\"namespace\":\"users\",\"entries\":4}\n");
  const RunResult limited = run({"namespaces", "--limit", "1"});
  EXPECT_EQ(limited.out, "''\n");
  EXPECT_TRUE(limited.err.starts_with("next cursor: "));
}

TEST_F(ListCommands, ClearNeedsYesWithoutATerminal) {
  fill();
  EXPECT_NE(refused(2, {"clear", "users/42", "-r"}).find("--yes"), std::string::npos);
  EXPECT_EQ(done({"count", "", "-r"}), "5\n");
}

TEST_F(ListCommands, ClearErasesOneNamespaceOrTheSubtree) {
  fill();
  EXPECT_EQ(done({"clear", "users/42", "--yes"}), "2 entries erased\n");
  EXPECT_EQ(done({"clear", "users", "--recursive", "--yes", "--json"}), "2\n");
  EXPECT_EQ(done({"clear", "", "--yes"}), "1 entry erased\n");
  EXPECT_EQ(done({"count", "", "-r"}), "0\n");
}

}  // namespace
}  // namespace holdfast::test
