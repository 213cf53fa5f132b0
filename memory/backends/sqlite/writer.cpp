#include "writer.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

#include "errors.hpp"
#include "schema.hpp"
#include "support/log.hpp"

namespace holdfast::sqlite {

namespace {

constexpr std::string_view token_prefix = "sqlite-1-";

}  // namespace

CommitToken make_token(std::int64_t nonce, Revision last_revision) {
  return {std::string(token_prefix) + std::to_string(nonce) + "-" + std::to_string(last_revision)};
}

TokenParts parse_token(const CommitToken& token) {
  const std::string_view text = token.text;
  TokenParts parts;
  if (text.starts_with(token_prefix)) {
    const char* const end = text.data() + text.size();
    const auto nonce = std::from_chars(text.data() + token_prefix.size(), end, parts.nonce);
    if (nonce.ec == std::errc{} && nonce.ptr != end && *nonce.ptr == '-') {
      const auto revision = std::from_chars(nonce.ptr + 1, end, parts.last_revision);
      if (revision.ec == std::errc{} && revision.ptr == end) return parts;
    }
  }
  throw_invalid_argument("'" + token.text.substr(0, 80) + "' is not a token of a SQLite store");
}

Writer::Writer(OpenFile& file, const WriterOptions& options, CatalogCache& catalogs)
    : file_(file), options_(options), catalogs_(catalogs), lock_(file) {
  lock_.acquire(options_.connection.busy_timeout, {});
  try {
    open();
  } catch (...) {
    drop_connection();
    file_.discard_if_empty();
    throw;
  }
  lock_.release();
}

Writer::~Writer() { close(); }

void Writer::open() {
  try {
    open_or_make();
  } catch (const EngineError& error) {
    // SQLite takes a journal that cannot be read for damage of the file.
    if (error.code() != ErrorCode::corruption || !file_.size_beside("-journal")) throw;
    drop_connection();
    file_.check_readable_beside("-journal");
    open_or_make();
  }
}

void Writer::open_or_make() {
  file_.check_still_there();
  // A half-made file need not look like one of ours.
  if (file_.size_beside("-journal").has_value() &&
      (is_half_made(file_) || inspect(file_) == FileState::ours)) {
    support::log_warning("sqlite: recovering '" + file_.path() + "' from its journal");
    Connection recovering(file_.path(), options_.connection);
    static_cast<void>(recovering.query_integer("PRAGMA user_version"));
  }
  if (inspect(file_) == FileState::empty) create_format(file_.path());
  open_connection();
  if (options_.change_log) {
    begin_->run();
    transaction_->start(false);
    transaction_->set_change_log(*options_.change_log);
    if (transaction_->changed()) {
      commit();
    } else {
      rollback();
    }
  }
}

void Writer::open_connection() {
  connection_ = std::make_unique<Connection>(file_.path(), options_.connection);
  if (needs_migration(*connection_)) migrate(*connection_);
  check_format(*connection_);
  // The pragma fails without an error; its row says what the mode is.
  const std::string mode = connection_->query_text("PRAGMA journal_mode=WAL");
  if (mode != "wal") {
    fail(ErrorCode::unavailable, "'" + file_.path() +
                                     "' cannot have a write-ahead log (the mode stays '" + mode +
                                     "'); is it on a network file system?");
  }
  transaction_ = std::make_unique<WriteTransaction>(*connection_, options_.rules, catalogs_);
  begin_ = std::make_unique<Statement>(connection_->prepare("BEGIN IMMEDIATE"));
  commit_ = std::make_unique<Statement>(connection_->prepare("COMMIT"));
  rollback_ = std::make_unique<Statement>(connection_->prepare("ROLLBACK"));
  connection_is_trusted_ = true;
  known_version_.reset();
}

void Writer::drop_connection() noexcept {
  begin_.reset();
  commit_.reset();
  rollback_.reset();
  transaction_.reset();
  connection_.reset();
}

std::int64_t Writer::next_nonce() { return static_cast<std::int64_t>(nonces_() >> 1); }

// Changes whenever anybody commits.
std::uint32_t Writer::file_version() {
  std::uint32_t version = 0;
  sqlite3_file_control(connection_->handle(), "main", SQLITE_FCNTL_DATA_VERSION, &version);
  return version;
}

void Writer::prepare(const Context& context) {
  lock_.acquire(options_.connection.busy_timeout, context);
  try {
    if (doubt_) {
      if (!settle()) {
        fail(ErrorCode::unavailable,
             "what became of an earlier commit is not known yet; the file cannot be opened again");
      }
    } else if (!connection_is_trusted_ || connection_ == nullptr) {
      support::log_warning("sqlite: opening '" + file_.path() + "' again after an error");
      if (connection_ != nullptr) connection_->keep_log_on_close();
      drop_connection();
      open_connection();
      connection_is_trusted_ = false;
      connection_->mend_log(true);
      connection_is_trusted_ = true;
    }
    if (context.deadline) {
      const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
          *context.deadline - std::chrono::steady_clock::now());
      connection_->set_busy_timeout(std::min(left, options_.connection.busy_timeout));
      busy_timeout_changed_ = true;
    }
  } catch (...) {
    release();
    throw;
  }
}

void Writer::release() noexcept {
  if (busy_timeout_changed_ && connection_ != nullptr) {
    connection_->set_busy_timeout(options_.connection.busy_timeout);
    busy_timeout_changed_ = false;
  }
  // While a commit is in doubt nobody else may write, or the doubt could never be settled.
  if (!doubt_) lock_.release();
}

void Writer::begin(const Context& context) {
  prepare(context);
  try {
    begin_->run();
    transaction_->start(known_version_ && *known_version_ == file_version());
  } catch (const EngineError& error) {
    if (error.is_io_error()) distrust_connection();
    rollback();
    if ((error.engine_code() & 0xff) == SQLITE_BUSY) context.check();
    throw;
  } catch (...) {
    rollback();
    throw;
  }
}

void Writer::rollback() noexcept {
  known_version_.reset();
  if (transaction_ != nullptr) transaction_->end_rolled_back();
  try {
    if (connection_ != nullptr && sqlite3_get_autocommit(connection_->handle()) == 0) {
      rollback_->run();
    }
  } catch (const std::exception& error) {
    support::log_error("sqlite: rolling back failed: " + std::string(error.what()));
    connection_is_trusted_ = false;
  }
  release();
}

// Nothing was changed, so what is known of the file still holds.
void Writer::end_unchanged() {
  try {
    rollback_->run();
  } catch (...) {
    rollback();
    throw;
  }
  release();
}

void Writer::commit() {
  const std::int64_t nonce = next_nonce();
  try {
    transaction_->flush(nonce);
  } catch (...) {
    rollback();
    throw;
  }
  const Revision last_revision = transaction_->state().last_revision;
  const bool must_sync = transaction_->reserves();
  log_holds_erased_text_ = log_holds_erased_text_ || transaction_->erased();
  try {
    commit_->run();
    if (must_sync) commit_durably();
  } catch (const EngineError& error) {
    if ((error.engine_code() & 0xff) == SQLITE_BUSY && !must_sync) {
      rollback();
      throw;
    }
    return end_doubtful_commit({nonce, last_revision, make_token(nonce, last_revision)}, error);
  }
  transaction_->end_committed();
  known_version_ = file_version();
  erase_log_if_due();
  release();
}

// A commit at NORMAL is in the log but perhaps not on the disk. Another one at FULL carries all
// before it.
void Writer::commit_durably() {
  connection_->mend_log();
  connection_->execute("PRAGMA synchronous=FULL");
  connection_->execute("BEGIN IMMEDIATE");
  connection_->execute("UPDATE counter SET reserved_revision = reserved_revision + 1");
  connection_->execute("COMMIT");
  if (!options_.connection.syncs_fully) connection_->execute("PRAGMA synchronous=NORMAL");
  known_version_.reset();
}

// The lock is held from here on until the outcome is known, so that what is found is ours.
void Writer::end_doubtful_commit(const Doubt& doubt, const Error& failure) {
  support::log_error("sqlite: a commit to '" + file_.path() + "' failed: " + failure.what());
  doubt_ = doubt;
  in_doubt_ = true;
  if (!settle()) {
    throw Error(ErrorCode::commit_unknown,
                "whether the write took effect is not known: the commit failed, and the file could "
                "not be opened again",
                {"sqlite", ""}, failure.cause(), doubt.token);
  }
  const bool applied = *outcome_of(doubt.nonce);
  release();
  if (!applied) throw failure;
}

// Opens the file anew, looks whether the commit is there, makes sure of the log, and puts another
// commit on top, which overwrites what is left of a failed one in it.
bool Writer::settle() {
  const Doubt doubt = *doubt_;
  try {
    if (connection_ != nullptr) {
      connection_->keep_log_on_close();
      drop_connection();
    }
    open_connection();
    Statement read = connection_->prepare(state_sql);
    const bool applied = read_state(read).commit_nonce == doubt.nonce;
    connection_->mend_log(true);
    connection_->execute("PRAGMA synchronous=FULL");
    connection_->execute("BEGIN IMMEDIATE");
    connection_->execute("UPDATE counter SET commit_nonce = " + std::to_string(next_nonce()));
    connection_->execute("COMMIT");
    checkpoint(false);
    if (!options_.connection.syncs_fully) connection_->execute("PRAGMA synchronous=NORMAL");
    const std::lock_guard lock(outcomes_mutex_);
    outcomes_[doubt.nonce] = applied;
    doubt_.reset();
    in_doubt_ = false;
    support::log_warning("sqlite: the commit that failed " +
                         std::string(applied ? "had" : "had not") + " taken effect");
    return true;
  } catch (const Error& error) {
    support::log_error("sqlite: cannot find out about a commit: " + std::string(error.what()));
    connection_is_trusted_ = false;
    return false;
  }
}

std::optional<bool> Writer::outcome_of(std::int64_t nonce) const {
  const std::lock_guard lock(outcomes_mutex_);
  const auto found = outcomes_.find(nonce);
  if (found == outcomes_.end()) return std::nullopt;
  return found->second;
}

bool Writer::checkpoint(bool truncate) {
  int frames = 0;
  int moved = 0;
  const int mode = truncate ? SQLITE_CHECKPOINT_TRUNCATE : SQLITE_CHECKPOINT_PASSIVE;
  const int code = connection_->checkpoint(mode, &frames, &moved);
  if ((code & 0xff) == SQLITE_BUSY) return false;
  if (code != SQLITE_OK) throw_engine_error(connection_->handle(), code, "checkpointing");
  return frames == moved;
}

void Writer::erase_log_if_due() {
  if (!options_.connection.secure_erase || !log_holds_erased_text_) return;
  try {
    log_holds_erased_text_ = !checkpoint(true);
  } catch (const Error& error) {
    // The write itself is done and must be reported so.
    support::log_error("sqlite: cannot empty the log of '" + file_.path() + "': " + error.what());
    return;
  }
  if (log_holds_erased_text_) {
    support::log_warning("sqlite: a long read keeps erased text in the log of '" + file_.path() +
                         "'; it goes with the next write");
  }
}

// The last connection to a file moves the log into it, which is a checkpoint.
void Writer::close() noexcept {
  if (connection_ == nullptr) return;
  if (file_.is_forked()) {
    // Closing would touch the parent's locks and files.
    static_cast<void>(connection_.release());
    static_cast<void>(transaction_.release());
    static_cast<void>(begin_.release());
    static_cast<void>(commit_.release());
    static_cast<void>(rollback_.release());
    return;
  }
  try {
    if (!lock_.held()) lock_.acquire(options_.connection.busy_timeout, {});
    if (doubt_) {
      connection_->keep_log_on_close();
    } else {
      connection_->mend_log();  // Closing moves it into the file.
    }
  } catch (const Error& error) {
    support::log_warning("sqlite: closing '" + file_.path() +
                         "' without a checkpoint: " + error.what());
    sqlite3_db_config(connection_->handle(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
  }
  drop_connection();
  lock_.release();
}

}  // namespace holdfast::sqlite
