#include "sqlite_backend.hpp"

#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <utility>
#include <vector>

#include "errors.hpp"
#include "holdfast/analyzer.hpp"
#include "reading.hpp"
#include "schema.hpp"

namespace holdfast::sqlite {

namespace {

// So many revisions of a store at `normal` may be lost unused when its process dies.
constexpr Revision reservation = 65'536;
constexpr std::size_t sweep_at_once = 1000;
constexpr std::size_t bulk_batch_ops = 5000;

bool may_undo(std::span<const WriteOp> ops, const SqliteOptions& options) {
  if (options.max_entries || options.max_bytes) return true;
  if (ops.size() == 1) return false;
  return std::any_of(ops.begin(), ops.end(), [&](const WriteOp& op) {
    return op.kind == WriteOp::Kind::increment ||
           op.value.json_text().size() > options.max_value_bytes ||
           (op.precondition.kind != Precondition::Kind::none &&
            op.on_unmet == OnUnmet::abort_batch);
  });
}

void check_options(const SqliteOptions& options) {
  if (options.path.empty()) throw_invalid_argument("the path of a SQLite store is empty");
  if (options.path.find('\0') != std::string::npos) {
    throw_invalid_argument("the path of a SQLite store holds U+0000");
  }
  if (options.readers < 1 || options.readers > 256) {
    throw_invalid_argument("readers=" + std::to_string(options.readers) + ": 1 to 256 are allowed");
  }
  constexpr std::chrono::hours longest_timeout{24};
  if (options.busy_timeout < std::chrono::milliseconds::zero() ||
      options.busy_timeout > longest_timeout) {
    throw_invalid_argument("busy_timeout: 0 ms to 24 hours are allowed");
  }
  if (options.max_value_bytes < 1 || options.max_value_bytes > max_value_bytes) {
    throw_invalid_argument("max_value_bytes=" + std::to_string(options.max_value_bytes) +
                           ": 1 to " + std::to_string(max_value_bytes) + " are allowed");
  }
  if (options.read_only && options.change_log) {
    throw_invalid_argument("change_log is a setting of the file, which read_only leaves as it is");
  }
}

ConnectionOptions connection_options(const SqliteOptions& options) {
  ConnectionOptions connection;
  connection.secure_erase = options.secure_erase;
  connection.syncs_fully = options.durability == SqliteDurability::full;
  connection.busy_timeout = options.busy_timeout;
  connection.page_cache_bytes = options.page_cache_bytes;
  connection.mmap_bytes = options.mmap_bytes;
  return connection;
}

}  // namespace

SqliteBackend::SqliteBackend(const SqliteOptions& options)
    : options_(options),
      clock_(std::make_shared<MonotonicClock>(options.clock ? options.clock : system_clock())),
      vectors_(static_cast<std::size_t>(options.vector_cache_bytes)) {
  check_options(options);
  file_ = std::make_unique<OpenFile>(FileRequest{options.path, options.read_only, options.create});
  reader_connection_ = connection_options(options);
  // Readers of a store that can be written never write themselves, but may have to recover the
  // log, which needs a connection that could.
  reader_connection_.read_only = true;
  if (options.read_only) {
    open_for_reading();
  } else {
    WriterOptions writer{connection_options(options), {}, options.change_log};
    writer.connection.checkpoints = true;
    writer.rules = {options.max_entries, options.max_bytes, options.max_value_bytes,
                    options.durability == SqliteDurability::full ? 0 : reservation};
    writer_ = std::make_unique<Writer>(*file_, writer, catalogs_);
    queue_ = std::make_unique<WriteQueue>(
        *writer_, [this](std::uint64_t expired) { expired_.fetch_add(expired); });
  }
  readers_ = std::make_unique<ReaderPool>(file_->path(), reader_connection_, options.readers,
                                          options.busy_timeout);
  capabilities_.atomic_scope = AtomicScope::store;
  capabilities_.durability =
      options.durability == SqliteDurability::full ? Durability::power_loss : Durability::process;
  capabilities_.shared_between_processes = true;
  capabilities_.read_only = options.read_only;
  capabilities_.restore = !options.read_only;
  capabilities_.maintenance = true;
  capabilities_.search = Analyzer::is_available();
  capabilities_.bulk_batch_ops = bulk_batch_ops;
  capabilities_.change_log = readers_->acquire({})->state().change_log;
}

void SqliteBackend::open_for_reading() {
  if (inspect(*file_) == FileState::empty) {
    fail(ErrorCode::failed_precondition,
         "'" + file_->path() + "' is empty and read_only=on; open it once for writing");
  }
  // Where neither the log nor its index can be made, nobody can be writing, and a file without a
  // log is complete in itself.
  const bool has_log = file_->size_beside("-wal").has_value();
  const std::string folder = std::filesystem::path(file_->path()).parent_path().string();
  reader_connection_.immutable = !has_log && ::access(folder.c_str(), W_OK) != 0;
  Connection connection(file_->path(), reader_connection_);
  if (needs_migration(connection)) {
    fail(ErrorCode::failed_precondition,
         "'" + file_->path() + "' has an older format; open it once without read_only");
  }
  check_format(connection);
}

SqliteBackend::~SqliteBackend() {
  if (writer_ != nullptr || readers_ != nullptr) SqliteBackend::close();
}

void SqliteBackend::close() {
  if (file_ != nullptr && file_->is_forked()) {
    // The parent's connections: closing them here would break its locks.
    static_cast<void>(readers_.release());
  }
  readers_.reset();
  queue_.reset();
  if (writer_ != nullptr) writer_->close();
  writer_.reset();
  file_.reset();
}

Timestamp SqliteBackend::now(const Context& context) {
  return context.instant ? *context.instant : clock_->now();
}

void SqliteBackend::refuse_where_read_only() const {
  if (!options_.read_only) return;
  fail(ErrorCode::permission_denied, "'" + file_->path() + "' was opened with read_only=on");
}

void SqliteBackend::check_usable(const Context& context) const {
  file_->check_not_forked();
  context.check();
}

void SqliteBackend::writing(const Context& context, bool may_undo_changes,
                            const WriteQueue::Body& body) {
  check_usable(context);
  refuse_where_read_only();
  try {
    queue_->run(context, may_undo_changes, body);
  } catch (...) {
    rethrow_translated("writing");
  }
}

void SqliteBackend::read(std::span<const AddressView> addresses,
                         std::span<std::optional<Record>> records, Detail detail,
                         const Context& context) {
  const Timestamp instant = now(context);
  reading(context, [&](Reader& reader) { reader.read(addresses, records, detail, instant); });
}

std::optional<std::size_t> SqliteBackend::write(std::span<const WriteOp> ops,
                                                std::span<WriteResult> results,
                                                const Context& context) {
  const Timestamp instant = now(context);
  std::optional<std::size_t> failed;
  writing(context, may_undo(ops, options_), [&](WriteTransaction& transaction) {
    failed = transaction.apply(ops, results, instant);
    return !failed;
  });
  return failed;
}

void SqliteBackend::scan(const ScanRequest& request, const RowSink& sink, const Context& context) {
  const Timestamp instant = now(context);
  reading(context, [&](Reader& reader) { reader.scan(request, sink, instant, context); });
}

std::uint64_t SqliteBackend::count(const Scope& scope, const Context& context) {
  const Timestamp instant = now(context);
  return reading(context, [&](Reader& reader) { return reader.count(scope, instant); });
}

std::uint64_t SqliteBackend::clear(const Scope& scope, const Context& context) {
  const Timestamp instant = now(context);
  std::uint64_t cleared = 0;
  writing(context, false, [&](WriteTransaction& transaction) {
    cleared = transaction.clear(scope, instant);
    return true;
  });
  return cleared;
}

void SqliteBackend::scan_namespaces(const Namespace& root, const std::optional<std::string>& after,
                                    const NamespaceSink& sink, const Context& context) {
  const Timestamp instant = now(context);
  reading(context, [&](Reader& reader) {
    reader.scan_namespaces(root.text(), after, sink, instant, context);
  });
}

std::size_t SqliteBackend::sweep(std::size_t max_entries, const Context& context) {
  const Timestamp instant = now(context);
  std::size_t total = 0;
  // In bounded steps, so that other writers come in between.
  while (total < max_entries) {
    const std::size_t wanted = std::min(max_entries - total, sweep_at_once);
    std::size_t swept = 0;
    writing(context, false, [&](WriteTransaction& transaction) {
      swept = transaction.sweep(wanted, instant);
      return true;
    });
    total += swept;
    if (swept < wanted) break;
  }
  if (max_entries == 0) check_usable(context);
  return total;
}

void SqliteBackend::probe(const Context& context) {
  static_cast<void>(reading(context, [](Reader& reader) { return reader.state(); }));
  if (options_.read_only) return;
  writing(context, false, [](WriteTransaction& transaction) {
    transaction.touch_nonce();
    return true;
  });
}

Revision SqliteBackend::stable_revision(const Context& context) {
  return reading(context, [](Reader& reader) { return reader.state().last_revision; });
}

ChangePage SqliteBackend::changes(Revision after, std::size_t limit, const Context& context) {
  const Timestamp instant = now(context);
  return reading(context,
                 [&](Reader& reader) { return reader.changes(after, limit, instant, context); });
}

void SqliteBackend::restore(const RestoreBatch& batch, std::span<RestoreStatus> statuses,
                            const Context& context) {
  const Timestamp instant = now(context);
  writing(context, true, [&](WriteTransaction& transaction) {
    transaction.restore(batch, statuses, instant);
    return true;
  });
}

std::optional<std::string> SqliteBackend::note(std::string_view name, const Context& context) {
  return reading(context, [&](Reader& reader) { return reader.note(name); });
}

std::optional<bool> SqliteBackend::resolve(const CommitToken& token, const Context& context) {
  check_usable(context);
  const TokenParts parts = parse_token(token);
  if (writer_ != nullptr) {
    if (writer_->in_doubt()) {
      try {
        writing(context, false, [](WriteTransaction&) { return true; });
      } catch (const Error& error) {
        if (error.code() != ErrorCode::unavailable) throw;
        return std::nullopt;
      }
    }
    if (const auto outcome = writer_->outcome_of(parts.nonce)) return outcome;
  }
  // Another handle's: all that is known is what the file says.
  const StoreState state = reading(context, [](Reader& reader) { return reader.state(); });
  if (state.commit_nonce == parts.nonce) return true;
  if (state.last_revision < parts.last_revision) return false;
  return std::nullopt;
}

}  // namespace holdfast::sqlite
