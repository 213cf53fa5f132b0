// What a tenant's text does where an operator lets it into the URL of a store, or into the paths
// that PostgreSQL is to index: it is refused, or stands for itself (contract, clauses 7.5
// and 11.2).
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <filesystem>

#include "../support/tries.hpp"
#include "holdfast/open.hpp"
#include "holdfast/postgresql.hpp"
#include "hostile_texts.hpp"
#include "postgresql_server.hpp"
#include "tenants.hpp"
#include "test_schema.hpp"

namespace holdfast::fault_tests {
namespace {

// Whether it is a schema's name as it stands.
bool is_name(const std::string& text) {
  return std::ranges::all_of(text, [](unsigned char c) {
    return c < 0x80 && (std::isalnum(c) != 0 || c == '_' || c == '-');
  });
}

void expect_refused(const std::string& url, const std::string& text) {
  try {
    static_cast<void>(open(url));
    ADD_FAILURE() << url << " was opened";
  } catch (const Error& error) {
    EXPECT_EQ(to_string(error.code()), to_string(ErrorCode::invalid_argument)) << error.what();
    constexpr std::size_t longer_than_words = 8;
    if (text.size() < longer_than_words) return;
    EXPECT_EQ(std::string(error.what()).find(text), std::string::npos) << error.what();
  }
}

TEST(HostileUrlOptions, AreRefusedAndNotRepeated) {
  const std::string file = "sqlite:/nonexistent/store.db";
  const std::string server = "postgresql://ada@127.0.0.1:1/d";
  std::size_t tries = 0;
  for (const std::string& text : hostile_texts()) {
    for (const auto& [url, option] :
         std::vector<std::pair<std::string, std::string_view>>{{"memory:", "max_entries"},
                                                               {"memory:", "eviction"},
                                                               {file, "durability"},
                                                               {file, "readers"},
                                                               {file, "busy_timeout"},
                                                               {server, "schema"},
                                                               {server, "pool_size"},
                                                               {server, "durability"}}) {
      if (option == "schema" && is_name(text)) continue;
      expect_refused(testing::with_url_options(url, {{option, text}}), text);
      ++tries;
    }
  }
  count_tries("a tenant's text in a URL's option is refused", tries);
}

TEST(HostilePaths, ToBeIndexedStandForThemselves) {
  const std::filesystem::path folder("hostile_paths/" + std::to_string(::getpid()));
  PostgresqlOptions options;
  options.connection = testing::shared_server_url();
  options.schema = testing::schema_for(folder / "theirs");
  Memory theirs = open_postgresql(options);
  theirs.set("theirs", "secret", "not yours");
  options.schema = testing::schema_for(folder / "mine");
  std::size_t tries = 0;
  for (const std::string& text : hostile_texts()) {
    const Path path(std::vector<Path::Step>{text});
    options.indexed_paths = {path};
    try {
      Memory memory = open_postgresql(options);
      memory.set(mine, "k", MemoryValue::map({{text, text}}));
      memory.set(mine, "other", MemoryValue::map({{text, "other"}}));
      MemoryQuery query;
      query.scope = {mine, true};
      query.filter = Filter::where(path, Filter::Operator::eq, text);
      const auto entries = memory.query(query).entries;
      ASSERT_EQ(entries.size(), text == "other" ? 2U : 1U) << shown(text);
      EXPECT_EQ(entries.front().key, "k") << shown(text);
    } catch (const Error& error) {
      EXPECT_EQ(to_string(error.code()), to_string(ErrorCode::invalid_argument))
          << shown(text) << ": " << error.what() << " " << error.cause();
    }
    ++tries;
  }
  EXPECT_EQ(theirs.get("theirs", "secret"), MemoryValue("not yours"));
  EXPECT_EQ(theirs.count({Namespace(), true}), 1U);
  count_tries("a tenant's text reaches no other tenant", tries);
}

}  // namespace
}  // namespace holdfast::fault_tests
