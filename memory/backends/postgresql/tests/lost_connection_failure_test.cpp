// Writes whose connection is lost at every step of the way: each is applied exactly once, and its
// result is that of an undisturbed one.
#include <functional>
#include <string>
#include <vector>

#include "failure_fixture.hpp"

namespace holdfast::postgresql {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using testing::ClientMessage;
using testing::Cut;
using testing::CuttingProxy;
using testing::message_with;
using testing::MessageCondition;
using Moment = Cut::Moment;

// The first message of this type at or behind the binding of a prepared statement.
MessageCondition following(char type, const std::string& statement) {
  return [type, statement, bound = false](const ClientMessage& message) mutable {
    bound =
        bound || (message.type == 'B' && message.body.find(statement) != std::string_view::npos);
    return bound && message.type == type;
  };
}

struct Loss {
  std::string name;
  MessageCondition message;
  Cut cut{};
};

std::vector<Loss> losses_of(const std::string& statement, int nth = 1) {
  const MessageCondition binding = message_with("B", statement, nth);
  std::vector<Loss> losses{
      {"before it is sent", binding, {.moment = Moment::before_forwarding}},
      {"before it is sent, by a reset",
       binding,
       {.moment = Moment::before_forwarding, .reset = true}},
      {"before it is executed", binding, {.moment = Moment::after_forwarding}},
      {"before its answer", binding, {.moment = Moment::before_answer}},
      {"before its answer, by a reset", binding, {.moment = Moment::before_answer, .reset = true}},
      {"early in its answer", binding, {.moment = Moment::in_answer, .answer_bytes = 1}},
      {"in its answer", binding, {.moment = Moment::in_answer, .answer_bytes = 60}},
  };
  if (nth > 1) return losses;
  losses.push_back(
      {"before it commits", following('E', statement), {.moment = Moment::after_forwarding}});
  losses.push_back(
      {"while it commits", following('S', statement), {.moment = Moment::after_forwarding}});
  return losses;
}

std::vector<Loss> losses_of_command(const std::string& command) {
  std::vector<Loss> losses;
  for (const Moment moment : {Moment::before_forwarding, Moment::after_forwarding,
                              Moment::before_answer, Moment::in_answer}) {
    losses.push_back({command + " at moment " + std::to_string(static_cast<int>(moment)),
                      message_with("Q", command),
                      {.moment = moment, .answer_bytes = 1}});
  }
  return losses;
}

struct Operation {
  std::string name;
  std::string statement;
  // Does it, and tells its result, without revisions, which differ from one time to the next.
  std::function<std::string(Memory&, const Namespace&)> run;
};

// Whether the revision is that of what lies there now.
std::string told(const WriteResult& result, Memory& memory, const Namespace& ns,
                 const std::string& key) {
  const auto entry = memory.get_entry(ns, key);
  const bool fits = entry ? result.revision == entry->revision : result.revision > 0;
  return "status " + std::to_string(static_cast<int>(result.status)) + " number " +
         std::to_string(result.number) + (fits ? "" : " and a wrong revision") + "; ";
}

std::string told(const BatchResult& result) {
  std::string text = result.applied ? "applied; " : "not applied; ";
  for (const WriteResult& one : result.results) {
    text += "status " + std::to_string(static_cast<int>(one.status)) + " number " +
            std::to_string(one.number) + "; ";
  }
  for (std::size_t i = 1; i < result.results.size(); ++i) {
    const Revision before = result.results[i - 1].revision;
    if (result.results[i].applied() && result.results[i].revision <= before) text += "disordered";
  }
  return text;
}

std::vector<Operation> single_operations() {
  const std::string one = "holdfast_write_one";
  return {
      {"set that creates", one,
       [](Memory& m, const Namespace& ns) { return told(m.set(ns, "new", "v"), m, ns, "new"); }},
      {"set that overwrites", one,
       [](Memory& m, const Namespace& ns) {
         return told(m.set(ns, "number", "v", {.keep_ttl = true}), m, ns, "number");
       }},
      {"set if absent", one,
       [](Memory& m, const Namespace& ns) {
         SetOptions if_absent;
         if_absent.precondition = Precondition::if_absent();
         return told(m.set(ns, "new", "v", if_absent), m, ns, "new");
       }},
      {"set if absent, where it is not", one,
       [](Memory& m, const Namespace& ns) {
         SetOptions if_absent;
         if_absent.precondition = Precondition::if_absent();
         return told(m.set(ns, "old", "v", if_absent), m, ns, "old");
       }},
      {"erase", one,
       [](Memory& m, const Namespace& ns) { return told(m.erase(ns, "old"), m, ns, "old"); }},
      {"increment", one,
       [](Memory& m, const Namespace& ns) { return std::to_string(m.increment(ns, "number", 3)); }},
      {"increment that creates", one,
       [](Memory& m, const Namespace& ns) { return std::to_string(m.increment(ns, "new", 3)); }},
      {"touch", one,
       [](Memory& m, const Namespace& ns) {
         return std::string(m.touch(ns, "number", Ttl(hours(2))) ? "touched" : "absent");
       }},
      {"update", one,
       [](Memory& m, const Namespace& ns) {
         return told(m.update(ns, "number",
                              [](const Record* record) {
                                return MemoryValue(record->value.get<std::int64_t>() + 1);
                              }),
                     m, ns, "number");
       }},
  };
}

BatchResult write_repeatedly(Memory& memory, const Namespace& ns) {
  WriteBatch batch;
  batch.increment(ns, "number", 1).increment(ns, "number", 2).set(ns, "new", 1);
  batch.erase(ns, "new").set(ns, "new", 2).erase(ns, "old").erase(ns, "absent");
  return memory.write(batch);
}

// With statuses of every kind.
std::string restore_conditionally(Memory& memory, const Namespace& ns) {
  Record record;
  record.value = "restored";
  Record expired = record;
  expired.expires_at = Timestamp(milliseconds(1));
  const std::string_view text = ns.text();
  const std::vector<RestoreOp> ops{
      {.address = {text, "old"}, .record = &record, .precondition = Precondition::if_absent()},
      {.address = {text, "new"}, .record = &record, .created_rank = 1, .rank = 1},
      {.address = {text, "late"}, .record = &expired, .created_rank = 2, .rank = 2},
      {.kind = RestoreOp::Kind::erase,
       .address = {text, "number"},
       .precondition = Precondition::if_present(),
       .rank = 3},
      {.kind = RestoreOp::Kind::erase,
       .address = {text, "absent"},
       .precondition = Precondition::if_present(),
       .rank = 4}};
  const Note note{"of " + std::string(text), "restored"};
  std::string told;
  for (const RestoreStatus status : memory.restore({.ops = ops, .ranks = 5, .note = &note})) {
    told += std::to_string(static_cast<int>(status)) + " ";
  }
  return told + memory.note(note.name).value_or("no note");
}

std::vector<Operation> larger_operations() {
  return {
      {"batch", "holdfast_write_many",
       [](Memory& m, const Namespace& ns) {
         WriteBatch batch;
         batch.set(ns, "new", "v").erase(ns, "old").increment(ns, "number", 2);
         batch.set(ns, "absent", 1, {.precondition = Precondition::if_present()}, OnUnmet::skip);
         return told(m.write(batch));
       }},
      {"sets", "holdfast_write_many",
       [](Memory& m, const Namespace& ns) {
         WriteBatch batch;
         batch.set(ns, "new", "v").set(ns, "old", 3).set(ns, "number", 4);
         return told(m.write(batch));
       }},
      {"transaction", "holdfast_write_many",
       [](Memory& m, const Namespace& ns) {
         m.transaction([&](Transaction& t) {
           t.set(ns, "new", t.exists(ns, "absent") ? "?" : "v");
           t.set(ns, "old", t.get(ns, "old").value());
           t.increment(ns, "number", 2);
         });
         return std::string("committed");
       }},
      {"clear", "holdfast_clear",
       [](Memory& m, const Namespace& ns) { return std::to_string(m.clear(Scope(ns))); }},
      {"conditional restore", "holdfast_restore", restore_conditionally},
      {"restore", "holdfast_restore",
       [](Memory& m, const Namespace& ns) {
         std::vector<Entry> entries(2);
         entries[0].key = "old";
         entries[1].key = "new";
         for (Entry& entry : entries) entry.ns = ns;
         m.restore(entries, RestoreRevisions::assign);
         return std::string("restored");
       }},
  };
}

class LostConnection : public FailureTest {
 protected:
  // Both read one clock, so that what they do is the same.
  Memory open(const std::string& url) {
    PostgresqlOptions store = options(url);
    store.clock = clock_;
    store.retry_for = std::chrono::minutes(2);
    return open_postgresql(store);
  }
  // A namespace with the entries that operations meet.
  Namespace prepared() {
    const Namespace ns("case" + std::to_string(++cases_));
    direct_.set(ns, "old", 1);
    direct_.set(ns, "number", 5, {.ttl = Ttl(hours(1))});
    return ns;
  }
  void expect_once(const Operation& operation, const std::vector<Loss>& losses) {
    const Namespace undisturbed = prepared();
    const std::string expected = operation.run(direct_, undisturbed);
    const std::string expected_content = content(direct_, undisturbed);
    for (const Loss& loss : losses) {
      SCOPED_TRACE(operation.name + ", lost " + loss.name);
      const Namespace ns = prepared();
      proxied_.increment("warm", "session");
      const std::size_t happened = proxy_.happened();
      proxy_.cut_when(loss.message, loss.cut);
      EXPECT_EQ(operation.run(proxied_, ns), expected);
      EXPECT_EQ(content(direct_, ns), expected_content);
      EXPECT_EQ(proxy_.happened(), happened + 1);
      proxy_.forget();
    }
  }

  CuttingProxy proxy_{testing::shared_server_url()};
  std::shared_ptr<ManualClock> clock_ = std::make_shared<ManualClock>();
  Memory direct_ = open(testing::shared_server_url());
  Memory proxied_ = open(proxy_.url());
  int cases_ = 0;
};

TEST_F(LostConnection, ASingleWriteIsAppliedOnceAndTellsItsResult) {
  for (const Operation& operation : single_operations()) {
    expect_once(operation, losses_of(operation.statement));
  }
}

TEST_F(LostConnection, ABatchATransactionAClearAndARestoreAreAppliedOnceAndTellTheirResults) {
  for (const Operation& operation : larger_operations()) {
    expect_once(operation, losses_of(operation.statement));
  }
}

TEST_F(LostConnection, ABatchThatIsCopiedIsAppliedOnceAndTellsItsResults) {
  const Operation operation{"copy", "holdfast_end_copy", [](Memory& m, const Namespace& ns) {
                              std::string all;
                              for (int first = 0; first < 1200; first += 400) {
                                WriteBatch batch;
                                for (int i = first; i < first + 400; ++i) {
                                  batch.set(ns, "new" + std::to_string(i), i);
                                }
                                all += told(m.write(batch));
                              }
                              return all;
                            }};
  expect_once(operation, losses_of("holdfast_begin_copy"));
  expect_once(operation, losses_of(operation.statement));
  // The proxy takes an answer for whole when the server is ready again: not before the data.
  std::vector<Loss> losses = losses_of_command("COPY");
  losses.erase(losses.begin() + 2, losses.end());
  expect_once(operation, losses);
  expect_once(operation, losses_of_command("COMMIT"));
}

TEST_F(LostConnection, ABatchOfSeveralStatementsIsAppliedOnceAndTellsItsResults) {
  const Operation operation{
      "batch with repeated addresses", "holdfast_write_many",
      [](Memory& m, const Namespace& ns) { return told(write_repeatedly(m, ns)); }};
  expect_once(operation, losses_of(operation.statement));
  expect_once(operation, losses_of(operation.statement, 2));
  expect_once(operation, losses_of_command("BEGIN"));
  expect_once(operation, losses_of_command("COMMIT"));
}

// Which is several statements then.
TEST_F(LostConnection, AWriteWithASearchIndexIsAppliedOnceAndTheIndexWithIt) {
  direct_.configure_search("", SearchConfig::texts({""}));
  std::vector<Operation> operations = single_operations();
  for (Operation& operation : larger_operations()) operations.push_back(std::move(operation));
  for (const Operation& operation : operations) {
    expect_once(operation, losses_of(operation.statement));
    const bool is_indexed = operation.name == "set that creates" || operation.name == "update" ||
                            operation.name == "batch" || operation.name == "restore";
    if (!is_indexed) continue;
    expect_once(operation, losses_of("holdfast_search_put"));
    expect_once(operation, losses_of_command("BEGIN"));
    expect_once(operation, losses_of_command("COMMIT"));
  }
  EXPECT_EQ(direct_.check_search("").problems, std::vector<std::string>{});
}

TEST_F(LostConnection, VectorsAreKeptOnceAndTheirNumberIsTold) {
  SearchConfig config = SearchConfig::texts({""});
  config.embedding = SearchEmbedding{"model", 2};
  direct_.configure_search("", config);
  const Operation operation{
      "keeping vectors", "holdfast_search_put_vectors", [](Memory& m, const Namespace& ns) {
        m.set(ns, "old", "apple");
        const Entry entry = m.get_entry(ns, "old").value();
        const std::vector<EntryVector> vectors{{{ns, "old"}, entry.revision, {1, 2}},
                                               {{ns, "absent"}, entry.revision, {1, 2}}};
        return std::to_string(m.put_vectors(vectors));
      }};
  expect_once(operation, losses_of(operation.statement));
  EXPECT_EQ(direct_.without_vector({"", true}), std::vector<Entry>{});
  VectorQuery query;
  query.scope = {"", true};
  query.vector = {1, 0};
  query.limit = 100;
  const std::size_t all = direct_.nearest(query).hits.size();
  EXPECT_EQ(all, losses_of(operation.statement).size() + 1);
  for (const char* const statement :
       {"holdfast_search_vector_heads", "holdfast_search_vectors_after",
        "holdfast_search_vector_entries"}) {
    for (const Loss& loss : losses_of(statement, 2)) {
      SCOPED_TRACE(std::string(statement) + ", lost " + loss.name);
      Memory reader = open(proxy_.url());  // That has read nothing yet.
      proxy_.cut_when(message_with("B", statement), loss.cut);
      EXPECT_EQ(reader.nearest(query).hits.size(), all);
      proxy_.forget();
    }
  }
}

TEST_F(LostConnection, AConfigurationIsMadeOnceAndTellsThatItWas) {
  direct_.set("a", "k", "apple");
  for (const Loss& loss : losses_of_command("COMMIT")) {
    SCOPED_TRACE(loss.name);
    proxied_.increment("warm", "session");
    proxy_.cut_when(loss.message, loss.cut);
    proxied_.configure_search("a", SearchConfig::texts({""}));
    EXPECT_EQ(direct_.check_search("a").documents, 1U);
    proxy_.cut_when(loss.message, loss.cut);
    EXPECT_TRUE(proxied_.remove_search("a"));
    EXPECT_FALSE(proxied_.remove_search("a"));
    proxy_.forget();
  }
}

TEST_F(LostConnection, ASweepSaysHowManyWentWhenItsAnswerIsLost) {
  for (const Loss& loss : losses_of("holdfast_sweep")) {
    SCOPED_TRACE(loss.name);
    for (const char* key : {"a", "b", "c"}) direct_.set("due", key, 1, {.ttl = Ttl(hours(1))});
    clock_->advance(hours(2));
    proxied_.increment("warm", "session");
    proxy_.cut_when(loss.message, loss.cut);
    EXPECT_EQ(proxied_.sweep(), 3U);
    proxy_.forget();
  }
}

TEST_F(LostConnection, AWriteIsAppliedOnceWhateverPreparesItIsLost) {
  const Operation operation = single_operations()[5];
  ASSERT_EQ(operation.name, "increment");
  const std::vector<Loss> losses{
      {"connecting", message_with(std::string(1, '\0'), "")},
      {"setting up the connection", message_with("Q", "SET "), {.moment = Moment::before_answer}},
      {"preparing to open a session", message_with("P", "open_session")},
      {"opening a session", message_with("B", "open_session")},
      {"opening a session, never begun",
       message_with("B", "open_session"),
       {.moment = Moment::before_forwarding}},
      {"preparing", message_with("P", operation.statement)},
      {"preparing, never begun",
       message_with("P", operation.statement),
       {.moment = Moment::before_forwarding}},
  };
  for (const Loss& loss : losses) {
    // A new connection is needed.
    proxy_.cut_all();
    expect_once(operation, {});
    SCOPED_TRACE(loss.name);
    const Namespace ns = prepared();
    const std::size_t happened = proxy_.happened();
    proxy_.cut_when(loss.message, loss.cut);
    EXPECT_EQ(operation.run(proxied_, ns), "8");
    EXPECT_EQ(direct_.get(ns, "number"), MemoryValue(8));
    EXPECT_EQ(proxy_.happened(), happened + 1);
    proxy_.forget();
  }
}

TEST_F(LostConnection, FindingOutWhatBecameOfAWriteSurvivesALossItself) {
  proxied_.increment("warm", "session");
  proxy_.cut_when(message_with("B", "holdfast_write_one"));
  proxy_.cut_when(message_with("P", "holdfast_settle"));
  proxy_.cut_when(message_with("B", "holdfast_settle"));
  proxy_.cut_when(message_with("B", "holdfast_settle"), {.moment = Moment::before_forwarding});
  EXPECT_EQ(proxied_.increment("a", "n"), 1);
  EXPECT_EQ(proxied_.increment("a", "n"), 2);
  EXPECT_EQ(proxy_.happened(), 4U);
}

// What a write gives back of the entry before is not kept for a second time.
TEST_F(LostConnection, AWriteThatReturnsWhatLayThereIsUnknownAndItsTokenSaysApplied) {
  const std::vector<std::function<void()>> writes{
      [&] { static_cast<void>(proxied_.take("a", "taken")); },
      [&] { proxied_.set("a", "set", 2, {.return_previous = true}); },
      [&] { proxied_.erase("a", "erased", {.return_previous = true}); },
  };
  for (const char* key : {"taken", "set", "erased"}) direct_.set("a", key, 1);
  for (const auto& write : writes) {
    proxied_.increment("warm", "session");
    proxy_.cut_when(message_with("B", "holdfast_write_one"));
    const auto error = error_thrown_by(write);
    ASSERT_NE(error, nullptr);
    EXPECT_EQ(error->code(), ErrorCode::commit_unknown);
    EXPECT_FALSE(error->retryable());
    EXPECT_EQ(proxied_.resolve(error->token()), true);
    EXPECT_EQ(proxied_.resolve(error->token()), true);
    EXPECT_EQ(direct_.resolve(error->token()), true);
  }
  EXPECT_EQ(content(direct_, "a"), "set=2, counted: 1");
}

TEST_F(LostConnection, AWriteThatReturnsWhatLayThereIsRepeatedWhereItWasNotApplied) {
  direct_.set("a", "taken", 7);
  proxied_.increment("warm", "session");
  proxy_.cut_when(message_with("B", "holdfast_write_one"), {.moment = Moment::before_forwarding});
  const auto taken = proxied_.take("a", "taken");
  ASSERT_TRUE(taken);
  EXPECT_EQ(taken->value, MemoryValue(7));
  EXPECT_EQ(proxy_.happened(), 1U);
}

TEST_F(LostConnection, WithoutAServerAWriteIsUnknownAndItsTokenTellsLaterWhatHappened) {
  PostgresqlOptions impatient = options(proxy_.url());
  impatient.retry_for = milliseconds(0);
  Memory memory = open_postgresql(impatient);
  int number = 0;
  for (const Moment moment :
       {Moment::before_forwarding, Moment::before_answer, Moment::in_answer}) {
    const bool applied = moment != Moment::before_forwarding;
    memory.increment("warm", "session");
    const std::size_t happened = proxy_.happened();
    proxy_.refuse_connections(true);
    proxy_.cut_when(message_with("B", "holdfast_write_one"),
                    {.moment = moment, .answer_bytes = 30});
    const auto error = error_thrown_by([&] { memory.increment("a", "n"); });
    ASSERT_NE(error, nullptr);
    EXPECT_EQ(error->code(), ErrorCode::commit_unknown);
    EXPECT_EQ(proxy_.happened(), happened + 1);
    EXPECT_EQ(memory.resolve(error->token()), std::nullopt);
    proxy_.refuse_connections(false);
    EXPECT_EQ(memory.resolve(error->token()), applied);
    EXPECT_EQ(direct_.resolve(error->token()), applied);
    EXPECT_EQ(memory.resolve(error->token()), applied);
    number += applied ? 1 : 0;
    EXPECT_EQ(direct_.get("a", "n").value_or(MemoryValue(0)), MemoryValue(number));
  }
}

TEST_F(LostConnection, ATokenThatSaidNotAppliedKeepsTheWriteFromHappeningLater) {
  direct_.set("a", "n", 0);
  proxied_.increment("warm", "session");
  const std::string session = ask(*connect(), in_schema("SELECT max(id) FROM (SELECT id FROM "
                                                        "@schema@.session ORDER BY used_at DESC "
                                                        "LIMIT 1) s",
                                                        name_));
  std::future<std::int64_t> write;
  const auto rival = holding_entry("n");
  write = in_background([&] { return proxied_.increment("a", "n"); });
  wait_until_blocked();
  // The write that is under way is the second of its session.
  EXPECT_EQ(direct_.resolve({"pg:" + session + ":2"}), false);
  execute(*rival, "COMMIT");
  // It could not be applied under its number, and was done under another one.
  EXPECT_EQ(write.get(), 1);
  EXPECT_EQ(direct_.resolve({"pg:" + session + ":2"}), false);
  EXPECT_EQ(direct_.get("a", "n"), MemoryValue(1));
}

// As after a crash that took the session's beginning back, and so every write in it.
TEST_F(LostConnection, AWriteWhoseSessionIsGoneWasNotAppliedAndIsRepeated) {
  direct_.set("a", "n", 0);
  proxied_.increment("warm", "session");
  const auto other = connect();
  proxy_.cut_when(
      [&, binding = message_with("B", "holdfast_write_one")](const ClientMessage& message) {
        if (!binding(message)) return false;
        execute(*other, "DELETE FROM @schema@.session");
        return true;
      },
      {.moment = Moment::before_forwarding});
  EXPECT_EQ(proxied_.increment("a", "n"), 1);
  EXPECT_EQ(proxy_.happened(), 1U);
  EXPECT_EQ(direct_.get("a", "n"), MemoryValue(1));
}

TEST_F(LostConnection, ASilentServerKeepsNoWritePastItsDeadlineAndTheOutcomeIsFoundElsewhere) {
  proxied_.increment("warm", "session");
  proxy_.stall_when(message_with("B", "holdfast_write_one"));
  // Applied: the answer alone was swallowed.
  EXPECT_EQ(proxied_.increment("a", "n", 1, with_deadline_in(milliseconds(200))), 1);
  EXPECT_EQ(proxy_.happened(), 1U);
  EXPECT_EQ(direct_.get("a", "n"), MemoryValue(1));

  proxied_.increment("warm", "session");
  proxy_.stall_when(message_with("B", "holdfast_write_one"));
  const auto rival = holding_entry("n");
  EXPECT_EQ(
      code_thrown_by([&] { proxied_.increment("a", "n", 1, with_deadline_in(milliseconds(200))); }),
      ErrorCode::deadline_exceeded);
  execute(*rival, "COMMIT");
  EXPECT_EQ(direct_.get("a", "n"), MemoryValue(1));
  EXPECT_EQ(proxied_.increment("a", "n"), 2);
}

TEST_F(LostConnection, ASilentServerThatTakesNoOthersLeavesAWriteUnknownUntilItDoes) {
  proxied_.increment("warm", "session");
  proxy_.stall_when(message_with("B", "holdfast_write_one"));
  proxy_.refuse_connections(true);
  const auto error = error_thrown_by(
      [&] { proxied_.increment("a", "n", 1, with_deadline_in(milliseconds(200))); });
  ASSERT_NE(error, nullptr);
  EXPECT_EQ(error->code(), ErrorCode::commit_unknown);
  proxy_.refuse_connections(false);
  EXPECT_EQ(proxied_.resolve(error->token()), true);
  EXPECT_EQ(direct_.get("a", "n"), MemoryValue(1));
}

TEST_F(LostConnection, ASilentServerDoesNotKeepABatchInItsMiddleNorItsEnd) {
  for (const auto& silent : {message_with("Q", "BEGIN"), message_with("B", "holdfast_write_many"),
                             message_with("Q", "COMMIT")}) {
    const Namespace ns = prepared();
    const std::string before = content(direct_, ns);
    proxied_.increment("warm", "session");
    proxy_.stall_when(silent);
    bool applied = false;
    try {
      WriteBatch batch;
      batch.increment(ns, "number", 1).increment(ns, "number", 1);
      applied = proxied_.write(batch, with_deadline_in(milliseconds(100))).applied;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::deadline_exceeded);
    }
    EXPECT_EQ(direct_.get(ns, "number"), MemoryValue(applied ? 7 : 5));
    EXPECT_EQ(content(direct_, ns) == before, !applied);
  }
}

TEST_F(LostConnection, ASilentServerDoesNotKeepAReadPastItsDeadline) {
  direct_.set("a", "k", 1);
  EXPECT_EQ(proxied_.get("a", "k"), MemoryValue(1));
  proxy_.stall_when(message_with("B", "holdfast_get"));
  EXPECT_EQ(code_thrown_by([&] {
              static_cast<void>(proxied_.get("a", "k", {}, with_deadline_in(milliseconds(100))));
            }),
            ErrorCode::deadline_exceeded);
  EXPECT_EQ(proxied_.get("a", "k"), MemoryValue(1));
}

TEST_F(LostConnection, ASilentServerDoesNotKeepAStoreFromClosing) {
  proxied_.increment("warm", "session");
  proxy_.stall_when(message_with("PB", "holdfast_close_session"));
  proxied_.close();
  EXPECT_EQ(proxy_.happened(), 1U);
}

}  // namespace
}  // namespace holdfast::postgresql
