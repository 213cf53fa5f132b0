// The one connection of a handle that writes and checkpoints, under the lock against other
// processes, and what becomes of a commit that failed.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <random>
#include <string>

#include "connection.hpp"
#include "errors.hpp"
#include "holdfast/context.hpp"
#include "holdfast/error.hpp"
#include "open_file.hpp"
#include "write_transaction.hpp"

namespace holdfast::sqlite {

struct WriterOptions {
  ConnectionOptions connection{};
  WriteRules rules{};
  std::optional<bool> change_log{};
};

// For one thread at a time, but for in_doubt() and outcome_of().
class Writer {
 public:
  // `file` and `catalogs` must outlive it. Opens the file, makes it or brings it up to date.
  Writer(OpenFile& file, const WriterOptions& options, CatalogCache& catalogs);
  ~Writer();
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  // Takes the lock and begins a transaction; settles first what an earlier commit left open.
  void begin(const Context& context);
  [[nodiscard]] WriteTransaction& transaction() noexcept { return *transaction_; }
  // Throws CommitUnknown where the outcome could not be found out; otherwise, when it throws,
  // nothing was applied. The transaction is over and the lock is free.
  void commit();
  void rollback() noexcept;
  // Ends a transaction that changed nothing.
  void end_unchanged();
  // Runs `body` in a transaction that nobody shares.
  template <typename Body>
  void transact(const Context& context, Body&& body) {
    begin(context);
    try {
      body(*transaction_);
    } catch (const EngineError& error) {
      if (error.is_io_error()) distrust_connection();
      rollback();
      throw;
    } catch (...) {
      rollback();
      throw;
    }
    if (transaction_->changed()) {
      commit();
    } else {
      end_unchanged();
    }
  }
  // After an engine's failure: opens the connection again before it is used again.
  void distrust_connection() noexcept { connection_is_trusted_ = false; }

  // Whether a commit's outcome is not known yet; then nothing may be read either.
  [[nodiscard]] bool in_doubt() const noexcept { return in_doubt_.load(); }
  // What became of a commit of this handle; empty: it is not known, or not one of this handle.
  [[nodiscard]] std::optional<bool> outcome_of(std::int64_t nonce) const;

  // Runs `body` on the connection, under the lock, outside of a transaction.
  template <typename Body>
  void run_locked(const Context& context, Body&& body) {
    prepare(context);
    try {
      body(*connection_);
    } catch (...) {
      release();
      throw;
    }
    release();
  }
  // Moves the log into the file; `truncate` also empties it, where readers allow it within the
  // busy timeout. Whether all of it was done. The caller holds the lock.
  bool checkpoint(bool truncate);
  void close() noexcept;

 private:
  struct Doubt {
    std::int64_t nonce = 0;
    Revision last_revision = 0;
    CommitToken token;
  };

  void open();
  void open_or_make();
  void open_connection();
  void prepare(const Context& context);
  void release() noexcept;
  void drop_connection() noexcept;
  [[nodiscard]] std::int64_t next_nonce();
  [[nodiscard]] std::uint32_t file_version();
  void commit_durably();
  [[nodiscard]] bool settle();
  void end_doubtful_commit(const Doubt& doubt, const Error& failure);
  void erase_log_if_due();

  OpenFile& file_;
  const WriterOptions options_;
  CatalogCache& catalogs_;
  FileLock lock_;
  std::unique_ptr<Connection> connection_;
  std::unique_ptr<WriteTransaction> transaction_;
  std::unique_ptr<Statement> begin_;
  std::unique_ptr<Statement> commit_;
  std::unique_ptr<Statement> rollback_;
  bool connection_is_trusted_ = true;
  bool busy_timeout_changed_ = false;
  std::optional<std::uint32_t> known_version_;
  std::optional<Doubt> doubt_;
  std::atomic<bool> in_doubt_{false};
  bool log_holds_erased_text_ = false;
  std::mt19937_64 nonces_{std::random_device{}()};
  mutable std::mutex outcomes_mutex_;
  std::map<std::int64_t, bool> outcomes_;
};

// Opaque to users: the commit's nonce and the revision it ended with.
[[nodiscard]] CommitToken make_token(std::int64_t nonce, Revision last_revision);
struct TokenParts {
  std::int64_t nonce = 0;
  Revision last_revision = 0;
};
// Throws InvalidArgument for text of another form.
[[nodiscard]] TokenParts parse_token(const CommitToken& token);

}  // namespace holdfast::sqlite
