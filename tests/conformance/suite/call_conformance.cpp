// Clause 12: calls, their contexts, and the end of a handle.
#include <functional>

#include "expectations.hpp"
#include "suite_links.hpp"

namespace holdfast::conformance {

HOLDFAST_CONFORMANCE_LINK(call)
HOLDFAST_CONFORMANCE_SUITE_MAY_BE_EMPTY(CallConformance);

namespace {

using Call = std::function<void(Memory&, const Context&)>;

std::vector<std::pair<const char*, Call>> reads() {
  return {
      {"get", [](Memory& m, const Context& c) { static_cast<void>(m.get("a", "k", {}, c)); }},
      {"get_entry",
       [](Memory& m, const Context& c) { static_cast<void>(m.get_entry("a", "k", {}, c)); }},
      {"exists", [](Memory& m, const Context& c) { static_cast<void>(m.exists("a", "k", c)); }},
      {"get_many",
       [](Memory& m, const Context& c) {
         static_cast<void>(m.get_many("a", std::vector<std::string>{"k"}, c));
       }},
      {"query",
       [](Memory& m, const Context& c) { static_cast<void>(m.query(query_of(below({})), c)); }},
      {"count", [](Memory& m, const Context& c) { static_cast<void>(m.count(below({}), c)); }},
      {"list_namespaces",
       [](Memory& m, const Context& c) { static_cast<void>(m.list_namespaces({}, c)); }},
      {"stats", [](Memory& m, const Context& c) { static_cast<void>(m.stats(c)); }},
      {"stable_revision",
       [](Memory& m, const Context& c) { static_cast<void>(m.stable_revision(c)); }},
      {"changes", [](Memory& m, const Context& c) { static_cast<void>(m.changes(0, 10, c)); }},
  };
}

std::vector<std::pair<const char*, Call>> writes() {
  return {
      {"set", [](Memory& m, const Context& c) { m.set("a", "new", 1, {}, c); }},
      {"erase", [](Memory& m, const Context& c) { m.erase("a", "k", {}, c); }},
      {"take", [](Memory& m, const Context& c) { static_cast<void>(m.take("a", "k", c)); }},
      {"increment", [](Memory& m, const Context& c) { m.increment("a", "n", 1, c); }},
      {"touch", [](Memory& m, const Context& c) { m.touch("a", "k", Ttl(1s), c); }},
      {"update",
       [](Memory& m, const Context& c) {
         m.update(
             "a", "k", [](const Record*) { return std::optional<MemoryValue>(5); }, c);
       }},
      {"write",
       [](Memory& m, const Context& c) { m.write(std::move(WriteBatch().set("a", "b", 1)), c); }},
      {"clear", [](Memory& m, const Context& c) { m.clear(below({}), c); }},
      {"sweep", [](Memory& m, const Context& c) { m.sweep(10, c); }},
  };
}

void expect_each_to_throw(Memory& store, const Context& context, ErrorCode code) {
  for (const auto& calls : {reads(), writes()}) {
    for (const auto& [name, call] : calls) {
      EXPECT_TRUE(throws(code, [&, &call = call] {  // clang 14 captures no binding by itself.
        call(store, context);
        return 0;
      })) << name;
    }
  }
}

}  // namespace

TEST_P(CallConformance, APassedDeadlineEndsEveryCallBeforeItChangesAnything) {
  HOLDFAST_CLAUSE("12.3");
  memory().set("a", "k", 1, with_ttl(1h));
  const std::vector<Entry> before = everything(memory());
  Context context;
  context.deadline = std::chrono::steady_clock::now() - 1ms;
  expect_each_to_throw(memory(), context, ErrorCode::deadline_exceeded);
  EXPECT_EQ(everything(memory()), before);
}

TEST_P(CallConformance, ATriggeredStopTokenEndsEveryCallBeforeItChangesAnything) {
  HOLDFAST_CLAUSE("12.3");
  memory().set("a", "k", 1, with_ttl(1h));
  const std::vector<Entry> before = everything(memory());
  std::stop_source source;
  Context context;
  context.stop = source.get_token();
  EXPECT_EQ(memory().get("a", "k", {}, context), MemoryValue(1)) << "it was not triggered yet";
  source.request_stop();
  expect_each_to_throw(memory(), context, ErrorCode::cancelled);
  EXPECT_EQ(everything(memory()), before);
}

TEST_P(CallConformance, AContextWithoutLimitsChangesNoAnswer) {
  HOLDFAST_CLAUSE("12.3");
  Context context;
  context.caller = "ann';--";
  context.trace = std::string(1000, 't');
  context.deadline = std::chrono::steady_clock::now() + 1h;
  memory().set("a", "k", 1, {}, context);
  for (const auto& [name, call] : reads()) EXPECT_NO_THROW(call(memory(), context)) << name;
  EXPECT_EQ(memory().get("a", "k", {}, context), MemoryValue(1));
}

TEST_P(CallConformance, UseAfterCloseIsRefused) {
  HOLDFAST_CLAUSE("12.4");
  Memory store = open(request());
  store.set("a", "k", 1);
  store.close();
  expect_each_to_throw(store, {}, ErrorCode::failed_precondition);
  EXPECT_TRUE(throws(ErrorCode::failed_precondition, [&] {
    store.transaction([](Transaction& transaction) { transaction.set("a", "k", 2); });
    return 0;
  }));
  EXPECT_FALSE(store.health().ok);
  EXPECT_NO_THROW(store.close());
}

TEST_P(CallConformance, AMovedHandleGoesOn) {
  HOLDFAST_CLAUSE("12.4");
  Memory first = open(request());
  first.set("a", "k", 1);
  Memory second = std::move(first);
  EXPECT_EQ(second.get("a", "k"), MemoryValue(1));
  Memory third = open(request());
  third.set("a", "k", 3);
  second = std::move(third);
  EXPECT_EQ(second.get("a", "k"), MemoryValue(3));
}

TEST_P(CallConformance, StoresOfOneProcessAreApart) {
  HOLDFAST_CLAUSE("12.1");
  Memory first = open(request());
  Memory second = open(request());
  first.set("a", "k", 1);
  EXPECT_FALSE(second.exists("a", "k"));
  second.set("a", "k", 2);
  EXPECT_EQ(first.get("a", "k"), MemoryValue(1));
  EXPECT_EQ(first.clear(below({})), 1U);
  EXPECT_EQ(second.count(below({})), 1U);
}

}  // namespace holdfast::conformance
