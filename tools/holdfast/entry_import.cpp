#include "entry_import.hpp"

#include <utility>

#include "display.hpp"

namespace holdfast::program {

EntryImport::EntryImport(ImportOptions options, std::function<Memory()> open)
    : options_(std::move(options)), open_(std::move(open)), file_(options_.file, options_.stop) {
  context_.stop = options_.stop;
}

ImportOutcome EntryImport::run() {
  try {
    run_steps();
  } catch (const Error& error) {
    if (error.code() == ErrorCode::cancelled) {
      throw Error(ErrorCode::cancelled, "stopped; " + so_far() + how_to_go_on());
    }
    if (imported() == 0) throw;
    throw Error(error.code(), error.message() + "; " + so_far() + " before that",
                {error.backend(), error.operation()}, error.cause(), error.token());
  }
  ImportOutcome outcome = writer_->outcome();
  outcome.expired += expired_;
  return outcome;
}

void EntryImport::run_steps() {
  if (!file_.is_regular()) {
    open_store();
    pass(Step::check_and_write);
    return;
  }
  const ExportClosing checked = pass(Step::check_form);
  total_ = checked.entries;
  open_store();
  if (options_.policy == ConflictPolicy::fail && !store_is_new_) pass(Step::check_conflicts);
  if (pass(Step::write) != checked) {
    throw_invalid_argument(file_.name() + " was changed while it was read");
  }
}

void EntryImport::open_store() {
  report_.emplace(options_.report);
  memory_.emplace(open_());
  store_is_new_ = memory_->stats(context_).last_revision == 0;
  const bool has_revisions = options_.form.format == ImportFormat::holdfast;
  const auto unless_said = store_is_new_ && has_revisions ? RestoreRevisions::keep
                                                          : RestoreRevisions::assign;
  BatchWriterOptions writing;
  writing.policy = options_.policy;
  writing.revisions = options_.revisions.value_or(unless_said);
  writing.has_revisions = has_revisions;
  // Under `fail` they were looked for already, or are before each batch.
  writing.expects_no_conflict = store_is_new_ || options_.policy == ConflictPolicy::fail ||
                                options_.policy == ConflictPolicy::skip;
  keeps_revisions_ = writing.revisions == RestoreRevisions::keep;
  writer_.emplace(*memory_, writing, *report_, context_);
}

ExportClosing EntryImport::pass(Step step) {
  if (file_.is_regular()) file_.rewind();
  expired_ = 0;
  EntryStream stream(file_, options_.form);
  read(stream, step);
  if (conflicts_ > 0) {
    const std::string others =
        conflicts_ > 1 ? " (and " + std::to_string(conflicts_ - 1) + " more in the report)" : "";
    throw Error(ErrorCode::failed_precondition, first_conflict_ + others);
  }
  return stream.closing();
}

void EntryImport::read(EntryStream& stream, Step step) {
  const bool writes = step == Step::write || step == Step::check_and_write;
  Progress progress(writes ? "imported" : "checked",
                    step == Step::check_form ? "bytes" : "entries");
  ImportBatch batch;
  Entry entry;
  while (stream.next(entry)) {
    if (entry.expires_at && *entry.expires_at <= options_.form.now) {
      ++expired_;
      continue;
    }
    if (batch.is_full() || batch.holds(entry)) {
      finish_batch(step, std::exchange(batch, {}));
      show(progress, step, stream);
    }
    batch.add(std::move(entry), stream.line_number());
  }
  finish_batch(step, batch);
}

void EntryImport::show(Progress& progress, Step step, const EntryStream& stream) const {
  if (step == Step::check_form) {
    progress.show(file_.position_bytes(), file_.size_bytes());
  } else {
    progress.show(stream.entries(), total_);
  }
}

void EntryImport::finish_batch(Step step, const ImportBatch& batch) {
  context_.check();
  if (batch.empty() || step == Step::check_form) return;
  const bool looks = step == Step::check_conflicts || step == Step::check_and_write;
  if (looks && options_.policy == ConflictPolicy::fail && !store_is_new_) {
    refuse_conflicts(step, batch);
  }
  if (step != Step::check_conflicts) writer_->write(batch);
}

void EntryImport::refuse_conflicts(Step step, const ImportBatch& batch) {
  const BatchWriter::Conflicts found = writer_->conflicts(batch);
  if (found.number == 0) return;
  if (conflicts_ == 0) first_conflict_ = found.first;
  conflicts_ += found.number;
  // With a report the whole file is looked at, so that it names all of them.
  if (step == Step::check_conflicts && report_->is_wanted()) return;
  throw Error(ErrorCode::failed_precondition, first_conflict_);
}

std::uint64_t EntryImport::imported() const { return writer_ ? writer_->outcome().imported : 0; }

std::string EntryImport::so_far() const {
  if (imported() == 0) return "nothing was imported";
  return counted(imported(), "entry was", "entries were") + " imported";
}

std::string EntryImport::how_to_go_on() const {
  if (imported() == 0) return ", and the same command begins again";
  std::string additions;
  if (options_.policy == ConflictPolicy::fail) additions += " --on-conflict skip";
  // The store is not new any more, and would assign others by itself.
  if (keeps_revisions_ && !options_.revisions) additions += " --revisions keep";
  return ", and the same command" + (additions.empty() ? "" : " with" + additions) + " goes on";
}

}  // namespace holdfast::program
