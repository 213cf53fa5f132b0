// Erasing somebody for good: the entries, and what earlier writes left of them in the file.
#include <string>

#include "errors.hpp"
#include "sqlite_backend.hpp"
#include "support/log.hpp"

namespace holdfast::sqlite {

namespace {

constexpr const char* kept_by_a_read =
    "the file and its log: a read that has not ended keeps the old log; erase again after it";

// Erases the rows. The pages that held them earlier may hold them yet.
void erase_rows(Writer& writer, const Scope& scope, Timestamp now, const Context& context,
                SubjectErasure& erasure) {
  writer.transact(context, [&](WriteTransaction& transaction) {
    erasure.entries = transaction.erase_subject(scope, now);
    if (transaction.has_notes()) {
      erasure.may_remain.emplace_back("notes kept beside the entries, which may name a key");
    }
    if (transaction.has_search_configurations(scope.ns)) {
      erasure.may_remain.emplace_back(
          "search configurations, which name their namespaces; remove_search takes them away");
    }
  });
  erasure.erased.emplace_back(
      "the entries and their values, and what the search index had of them");
  erasure.erased.emplace_back("their removals in the change log");
}

// Builds the file anew out of what is live, and empties the log. The rows are gone by now, so that
// what fails here is told and not thrown.
void erase_what_was_left(Writer& writer, const Context& context, SubjectErasure& erasure) {
  try {
    writer.run_locked(context, [&](Connection& connection) {
      connection.execute("VACUUM");
      if (writer.checkpoint(true)) {
        erasure.erased.emplace_back("the file's free space, by building the file anew");
        erasure.erased.emplace_back("the write-ahead log, which is empty now");
        return;
      }
      support::log_warning("sqlite: after erasing a subject a read keeps old text in the log");
      erasure.may_remain.emplace_back(kept_by_a_read);
    });
  } catch (const Error& error) {
    support::log_error("sqlite: after erasing a subject its traces could not be erased: " +
                       std::string(error.what()));
    erasure.may_remain.push_back("the file's free space and its log: clearing them failed (" +
                                 error.message() + "); erase again");
  }
}

}  // namespace

SubjectErasure SqliteBackend::erase_subject(const Scope& scope, const Context& context) {
  const Timestamp instant = now(context);
  check_usable(context);
  refuse_where_read_only();
  SubjectErasure erasure;
  queue_->run_alone(context, [&](Writer& writer) {
    erase_rows(writer, scope, instant, context, erasure);
    erase_what_was_left(writer, context, erasure);
  });
  // After the log was emptied, so that no search reads them again.
  vectors_.clear();
  erasure.may_remain.emplace_back("backups, exports and copies of the file made earlier");
  erasure.may_remain.emplace_back("snapshots and freed blocks of the file system and the disk");
  return erasure;
}

}  // namespace holdfast::sqlite
