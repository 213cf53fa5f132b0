#include "stores.hpp"

#include "../conformance/stores/store_options.hpp"
#include "holdfast/in_memory.hpp"
#ifdef HOLDFAST_DIFFERENTIAL_SQLITE
#include "holdfast/sqlite.hpp"
#endif
#ifdef HOLDFAST_DIFFERENTIAL_POSTGRESQL
#include "holdfast/postgresql.hpp"
#include "postgresql_server.hpp"
#include "test_schema.hpp"
#endif

namespace holdfast::differential {
namespace {

#ifdef HOLDFAST_DIFFERENTIAL_SQLITE
StoreUnderTest sqlite_store() {
  const auto open = [](const StoreRequest& request) {
    auto options = conformance::options_for<SqliteOptions>(request);
    options.path = (request.folder / "store.db").string();
    options.durability = SqliteDurability::normal;  // Answers are the same, and come sooner.
    return make_sqlite_backend(options);
  };
  return {"SQLite", open};
}
#endif

#ifdef HOLDFAST_DIFFERENTIAL_POSTGRESQL
StoreUnderTest postgresql_store() {
  const auto open = [](const StoreRequest& request) {
    auto options = conformance::options_for<PostgresqlOptions>(request);
    options.connection = testing::shared_server_url();
    options.schema = testing::schema_for(request.folder);
    options.durability = PostgresqlDurability::normal;
    options.pool_size = 2;
    // Where preselection by an index lets too little through, answers differ.
    options.indexed_paths = {"n", "tags"};
    return make_postgresql_backend(options);
  };
  const auto drop = [](const StoreRequest& request) {
    testing::drop_schema(testing::schema_for(request.folder));
  };
  return {"PostgreSQL", open, true, drop};
}
#endif

}  // namespace

StoreUnderTest in_memory_store() {
  const auto open = [](const StoreRequest& request) {
    return make_in_memory_backend(conformance::options_for<InMemoryOptions>(request));
  };
  return {"InMemory", open, false};
}

std::vector<StoreUnderTest> all_stores() {
  std::vector<StoreUnderTest> stores{in_memory_store()};
#ifdef HOLDFAST_DIFFERENTIAL_SQLITE
  stores.push_back(sqlite_store());
#endif
#ifdef HOLDFAST_DIFFERENTIAL_POSTGRESQL
  stores.push_back(postgresql_store());
#endif
  return stores;
}

}  // namespace holdfast::differential
