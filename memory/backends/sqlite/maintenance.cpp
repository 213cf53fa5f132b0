// Upkeep: compaction, checkpoints and the check of everything.
#include <charconv>
#include <string>
#include <utility>
#include <vector>

#include "reading.hpp"

namespace holdfast::sqlite {

namespace {

constexpr std::size_t most_problems = 100;

// Statements whose rows are problems: the first column says what is wrong.
constexpr const char* checks[] = {
    "SELECT 'namespace ''' || n.path || ''' counts ' || n.entries || ' entries of ' || n.bytes || "
    "' bytes but holds ' || count(e.key) || ' of ' || coalesce(sum(e.size), 0) "
    "FROM namespace n LEFT JOIN entry e ON e.namespace_id = n.id GROUP BY n.id "
    "HAVING n.entries <> count(e.key) OR n.bytes <> coalesce(sum(e.size), 0) OR n.entries = 0",
    "SELECT 'the store counts ' || c.entries || ' entries of ' || c.bytes || ' bytes, its "
    "namespaces ' || coalesce(sum(n.entries), 0) || ' of ' || coalesce(sum(n.bytes), 0) "
    "FROM counter c LEFT JOIN namespace n GROUP BY c.id "
    "HAVING c.entries <> coalesce(sum(n.entries), 0) OR c.bytes <> coalesce(sum(n.bytes), 0)",
    "SELECT 'entry ''' || key || ''' lies in namespace ' || namespace_id || ', which is missing' "
    "FROM entry WHERE namespace_id NOT IN (SELECT id FROM namespace)",
    "SELECT 'entry ''' || e.key || ''' lacks its large value' FROM entry e LEFT JOIN large_value l "
    "ON l.id = e.large_value_id WHERE e.value IS NULL AND l.id IS NULL",
    "SELECT 'large value ' || id || ' belongs to no entry' FROM large_value WHERE id NOT IN "
    "(SELECT large_value_id FROM entry WHERE large_value_id IS NOT NULL)",
    "SELECT 'the search index has blocks of namespace ' || namespace_id || ', which is missing' "
    "FROM search_block WHERE namespace_id NOT IN (SELECT id FROM namespace) GROUP BY namespace_id",
    "SELECT 'the search index has vectors of namespace ' || namespace_id || ', which is missing' "
    "FROM search_vector WHERE namespace_id NOT IN (SELECT id FROM namespace) GROUP BY namespace_id",
    "SELECT 'entry ''' || e.key || ''' has revision ' || max(e.revision, e.created_revision) || "
    "', greater than the store''s ' || max(c.last_revision, c.reserved_revision) "
    "FROM entry e, counter c "
    "WHERE max(e.revision, e.created_revision) > max(c.last_revision, c.reserved_revision)",
};

class Problems {
 public:
  explicit Problems(std::vector<std::string>& list) : list_(list) {}
  void add(std::string problem) {
    if (list_.size() < most_problems) list_.push_back(std::move(problem));
  }
  [[nodiscard]] bool full() const noexcept { return list_.size() >= most_problems; }

 private:
  std::vector<std::string>& list_;
};

// What is wrong with one entry's text; empty: nothing.
std::string problem_of(std::string_view path, std::string_view key, std::string_view text,
                       std::int64_t size) {
  const std::string where = "entry '" + std::string(key) + "' in '" + std::string(path) + "'";
  if (static_cast<std::size_t>(size) != path.size() + key.size() + text.size()) {
    return where + " counts " + std::to_string(size) + " bytes but has " +
           std::to_string(path.size() + key.size() + text.size());
  }
  try {
    if (Namespace(path).text() != path) return where + ": the namespace is not canonical";
    if (MemoryValue::parse(text).json_text() == text) return {};
    return where + ": the value is not in canonical form";
  } catch (const Error& error) {
    return where + ": " + error.message();
  }
}

void check_entries(Connection& connection, Problems& problems, const Context& context) {
  Statement statement = connection.prepare(
      "SELECT n.path, e.key, coalesce(e.value, l.value), e.size FROM namespace n CROSS JOIN entry "
      "e ON e.namespace_id = n.id LEFT JOIN large_value l ON l.id = e.large_value_id");
  for (std::uint64_t rows = 0; statement.step() && !problems.full(); ++rows) {
    if (rows % 256 == 0) context.check();
    if (statement.is_null(2)) continue;
    std::string problem =
        problem_of(statement.text(0), statement.text(1), statement.text(2), statement.integer(3));
    if (!problem.empty()) problems.add(std::move(problem));
  }
}

// SQLite reports a page that could not be read among what is wrong with the file.
void refuse_unread(std::string_view finding) {
  constexpr std::string_view with_code = "unable to get the page. error code=";
  int code =
      finding.find("failed to get page") != std::string_view::npos ? SQLITE_IOERR : SQLITE_OK;
  if (const auto at = finding.find(with_code); at != std::string_view::npos) {
    const std::string_view number = finding.substr(at + with_code.size());
    std::from_chars(number.data(), number.data() + number.size(), code);
  }
  const bool is_damage = (code & 0xff) == SQLITE_OK || (code & 0xff) == SQLITE_CORRUPT;
  if (!is_damage) throw_engine_error(nullptr, code, "checking the file");
}

void check_everything(Connection& connection, Problems& problems, const Context& context) {
  Statement engine = connection.prepare("PRAGMA integrity_check");
  while (engine.step() && !problems.full()) {
    if (engine.text(0) == "ok") continue;
    refuse_unread(engine.text(0));
    problems.add("SQLite: " + std::string(engine.text(0)));
  }
  for (const char* sql : checks) {
    context.check();
    Statement check = connection.prepare(sql);
    while (check.step() && !problems.full()) problems.add(std::string(check.text(0)));
  }
  check_entries(connection, problems, context);
}

}  // namespace

Maintenance::IntegrityReport SqliteBackend::check_integrity(const Context& context) {
  check_usable(context);
  IntegrityReport report;
  Problems problems(report.problems);
  Reader reader(file_->path(), reader_connection_);
  reader.connection().execute("BEGIN");
  try {
    check_everything(reader.connection(), problems, context);
    SearchCheck index;
    reader.check_index(index, catalogs_, context);
    for (std::string& problem : index.problems) problems.add("search index: " + std::move(problem));
  } catch (const Error& error) {
    // Damage can keep the checks themselves from going on; that is the finding.
    if (error.code() != ErrorCode::corruption) throw;
    problems.add(error.message() + ": " + error.cause());
  }
  report.ok = report.problems.empty();
  return report;
}

void SqliteBackend::compact(const Context& context) {
  check_usable(context);
  refuse_where_read_only();
  queue_->run_alone(context, [&](Writer& writer) {
    writer.run_locked(context, [&](Connection& connection) {
      connection.execute("VACUUM");
      static_cast<void>(writer.checkpoint(true));
    });
  });
}

void SqliteBackend::checkpoint(const Context& context) {
  check_usable(context);
  refuse_where_read_only();
  queue_->run_alone(context, [&](Writer& writer) {
    writer.run_locked(context, [&](Connection&) { static_cast<void>(writer.checkpoint(true)); });
  });
}

}  // namespace holdfast::sqlite
