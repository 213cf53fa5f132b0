// What the tests of failures share: a store of their own in the shared server, and ways to get in
// its way.
#pragma once

#include <gmock/gmock.h>
#include <unistd.h>

#include <future>
#include <memory>
#include <string>

#include "cutting_proxy.hpp"
#include "engine_fixture.hpp"
#include "holdfast/postgresql.hpp"
#include "schema.hpp"
#include "test_schema.hpp"

namespace holdfast::postgresql {

class FailureTest : public ConnectionTest {
 protected:
  ~FailureTest() override { testing::drop_schema(name_); }

  // A store whose connections bear a name of this process's own.
  [[nodiscard]] PostgresqlOptions options(
      const std::string& url = testing::shared_server_url()) const {
    PostgresqlOptions options;
    options.connection = testing::with_url_options(url, {{"application_name", name_}});
    options.schema = name_;
    return options;
  }

  // Runs SQL on a connection that is not the store's; "@schema@" stands for the store's schema.
  void execute(Connection& connection, const std::string& sql) const {
    connection.execute_text(in_schema(sql, name_), {});
  }
  // A connection in a transaction in which `sql` was run.
  std::unique_ptr<Connection> holding(const std::string& sql) {
    auto connection = connect();
    execute(*connection, "BEGIN; " + sql);
    return connection;
  }
  // One that holds an entry back from those who would write it; all entries, from reads as well.
  std::unique_ptr<Connection> holding_entry(const std::string& key) {
    return holding("SELECT FROM @schema@.entry WHERE key = '" + key + "' FOR UPDATE");
  }
  std::unique_ptr<Connection> holding_entries() { return holding("LOCK TABLE @schema@.entry"); }

  // Returns when so many of the store's connections wait for a lock.
  void wait_until_blocked(int count = 1) {
    wait_until([&] { return asked(" AND wait_event_type = 'Lock'") == std::to_string(count); });
  }
  // Ends all of the store's connections, and returns when they have gone; others may have come
  // since.
  void terminate_all() {
    const std::string ended =
        ask(*direct(),
            "SELECT coalesce(array_agg(pid) FILTER (WHERE pg_terminate_backend(pid)), '{}') FROM "
            "pg_stat_activity WHERE application_name = '" +
                name_ + "'");
    wait_until([&] { return asked(" AND pid = ANY ('" + ended + "')") == "0"; });
  }

  // Makes the server refuse so many changes of entries with this state; -1: every one.
  void refuse_changes(const std::string& state, int count) {
    execute(*direct(),
            "DROP SEQUENCE IF EXISTS @schema@.refusals CASCADE;"
            "CREATE SEQUENCE @schema@.refusals;"
            "CREATE OR REPLACE FUNCTION @schema@.refuse() RETURNS trigger LANGUAGE plpgsql AS $$ "
            "BEGIN IF " +
                (count < 0 ? std::string("true")
                           : "nextval('@schema@.refusals') <= " + std::to_string(count)) +
                " THEN RAISE EXCEPTION 'refused by a test' USING ERRCODE = '" + state +
                "'; END IF; RETURN NULL; END $$;"
                "CREATE OR REPLACE TRIGGER refusing AFTER INSERT OR UPDATE OR DELETE "
                "ON @schema@.entry FOR EACH STATEMENT EXECUTE FUNCTION @schema@.refuse()");
  }
  void refuse_no_changes() { execute(*direct(), "DROP TRIGGER refusing ON @schema@.entry"); }

  // What lies in a namespace, and how many entries are counted there.
  static std::string content(Memory& memory, const Namespace& ns) {
    MemoryQuery query;
    query.scope = Scope(ns);
    std::string text;
    for (const Entry& entry : memory.query(query).entries) {
      text.append(entry.key).append("=").append(entry.value.json_text());
      if (entry.expires_at) {
        text += " until " + std::to_string(entry.expires_at->time_since_epoch().count());
      }
      text += ", ";
    }
    return text + "counted: " + std::to_string(memory.count(Scope(ns)));
  }

  const std::string name_ = "failure_" + std::to_string(::getpid());

 private:
  Connection* direct() {
    if (direct_ == nullptr) direct_ = connect();
    return direct_.get();
  }
  std::string asked(const std::string& condition) {
    return ask(*direct(), "SELECT count(*) FROM pg_stat_activity WHERE application_name = '" +
                              name_ + "'" + condition);
  }

  std::unique_ptr<Connection> direct_;
};

template <typename Body>
auto in_background(Body&& body) {
  return std::async(std::launch::async, std::forward<Body>(body));
}

}  // namespace holdfast::postgresql
