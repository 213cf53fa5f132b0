// Which configuration governs a namespace, and when an index is to be made anew.
#include "search/search_catalog.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "holdfast/error.hpp"

namespace holdfast::search {
namespace {

ErrorCode code_of(const SearchCatalog& catalog, std::string_view ns) {
  try {
    static_cast<void>(catalog.require_usable(ns));
  } catch (const Error& error) {
    return error.code();
  }
  return ErrorCode::internal;
}

}  // namespace

TEST(SearchCatalogTest, TheNearestOneGoverns) {
  const SearchCatalog catalog(
      {to_store("a", SearchConfig::conversation()), to_store("a/b", SearchConfig::nothing())});
  EXPECT_EQ(catalog.governing("a")->ns, "a");
  EXPECT_EQ(catalog.governing("a/x/y")->ns, "a");
  EXPECT_EQ(catalog.governing("a/b")->ns, "a/b");
  EXPECT_EQ(catalog.governing("a/b/c/d")->ns, "a/b");
  EXPECT_EQ(catalog.governing("a/bc")->ns, "a");
  EXPECT_EQ(catalog.governing("ab"), nullptr);
  EXPECT_EQ(catalog.governing(""), nullptr);
  EXPECT_EQ(SearchCatalog({to_store("", SearchConfig::nothing())}).governing("x/y")->ns, "");
  EXPECT_EQ(code_of(catalog, "ab"), ErrorCode::failed_precondition);
  EXPECT_EQ(&catalog.require_usable("a/x"), catalog.at("a"));
}

TEST(SearchCatalogTest, AnotherVersionOrAStaleIndexNeedsAReindex) {
  StoredConfiguration other = to_store("a", SearchConfig::conversation());
  other.version += "x";
  StoredConfiguration stale = to_store("b", SearchConfig::conversation());
  stale.stale = true;
  const SearchCatalog catalog({other, stale, to_store("c", SearchConfig::conversation())});
  EXPECT_EQ(code_of(catalog, "a"), ErrorCode::failed_precondition);
  EXPECT_EQ(code_of(catalog, "b"), ErrorCode::failed_precondition);
  EXPECT_EQ(&catalog.require_usable("c"), catalog.at("c"));
  const auto list = catalog.list();
  EXPECT_TRUE(list.at(0).needs_reindex);
  EXPECT_EQ(list.at(0).analyzer_version, other.version);
  EXPECT_TRUE(list.at(1).needs_reindex);
  EXPECT_FALSE(list.at(2).needs_reindex);
}

TEST(SearchCatalogTest, WhatCannotBeReadIsCorruption) {
  for (const std::string config : {"", "[]", "{\"fields\":7}", "{\"language\":\"klingon\"}"}) {
    try {
      const SearchCatalog catalog({{"a", config, "", false}});
      ADD_FAILURE() << config;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::corruption);
      EXPECT_NE(std::string(error.what()).find("\"a\""), std::string::npos) << error.what();
    }
  }
}

}  // namespace holdfast::search
