// Stored values on a real server, and which of them it selects for a filter.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "arguments.hpp"
#include "connection.hpp"
#include "holdfast/filter.hpp"
#include "postgresql_server.hpp"
#include "preselection.hpp"
#include "watchdog.hpp"

namespace holdfast::postgresql {

// A table of its own for one connection.
class ValueTable {
 public:
  explicit ValueTable(std::vector<MemoryValue> values)
      : connection_({ConnectionString(holdfast::testing::shared_server_url()), false}, watchdog_,
                    {}),
        values_(std::move(values)) {
    run("CREATE TEMPORARY TABLE sample (id bigint PRIMARY KEY, value text COLLATE \"C\" NOT NULL)");
    ArrayText texts;
    for (const MemoryValue& value : values_) texts.add(value.json_text());
    Arguments arguments;
    arguments.add(texts.take());
    run("INSERT INTO sample (id, value) SELECT v.at - 1, v.text "
        "FROM unnest($1::text[]) WITH ORDINALITY AS v(text, at)",
        arguments);
  }

  [[nodiscard]] const std::vector<MemoryValue>& values() const { return values_; }

  // The ids of the rows that the server selects.
  std::vector<std::size_t> selected(const Preselection& preselection, const Arguments& arguments) {
    const std::string condition = preselection.sql.empty() ? "TRUE" : preselection.sql;
    const Rows rows =
        run("SELECT e.id FROM sample e WHERE " + condition + " ORDER BY e.id", arguments);
    std::vector<std::size_t> ids;
    for (std::size_t row = 0; row < rows.size(); ++row) {
      ids.push_back(static_cast<std::size_t>(rows.integer(row, 0)));
    }
    return ids;
  }

  // The ids of the values that the filter matches.
  [[nodiscard]] std::vector<std::size_t> matched(const Filter& filter) const {
    std::vector<std::size_t> ids;
    for (std::size_t id = 0; id < values_.size(); ++id) {
      if (filter.matches(values_[id])) ids.push_back(id);
    }
    return ids;
  }

  Rows run(const std::string& sql, const Arguments& arguments = {}) {
    return connection_.execute({"", sql}, arguments, {});
  }

 private:
  Watchdog watchdog_;
  Connection connection_;
  std::vector<MemoryValue> values_;
};

}  // namespace holdfast::postgresql
