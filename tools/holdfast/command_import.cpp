#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "display.hpp"
#include "entry_stream.hpp"
#include "json_text.hpp"
#include "program.hpp"
#include "terminal.hpp"

namespace holdfast::program {
namespace {

constexpr std::size_t batch_entries_max = 1000;
constexpr std::size_t batch_bytes_max = std::size_t{8} << 20;

enum class OnConflict { fail, skip, overwrite };

struct ImportArguments {
  std::string file;
  std::string on_conflict = "fail";
  std::string revisions = "auto";
  bool plain = false;
  bool json = false;
};

/// Entries of consecutive lines that are looked up or written together.
struct Batch {
  std::vector<Entry> entries;
  std::vector<std::uint64_t> lines;
  std::size_t bytes = 0;

  [[nodiscard]] bool is_full() const noexcept {
    return entries.size() >= batch_entries_max || bytes >= batch_bytes_max;
  }
  void add(Entry entry, std::uint64_t line) {
    bytes += entry.size_bytes();
    entries.push_back(std::move(entry));
    lines.push_back(line);
  }
};

struct Outcome {
  std::uint64_t imported = 0;
  std::uint64_t skipped = 0;  ///< Live in the store already.
  std::uint64_t expired = 0;  ///< In the file, but past their deadline.
};

class Import {
 public:
  Import(const Program& program, const ImportArguments& arguments)
      : program_(program),
        file_(arguments.file),
        form_(arguments.plain ? EntryForm::plain : EntryForm::exported),
        on_conflict_(arguments.on_conflict == "skip"        ? OnConflict::skip
                     : arguments.on_conflict == "overwrite" ? OnConflict::overwrite
                                                            : OnConflict::fail),
        now_(system_clock()->now()) {}

  /// The store is opened, and so made, after the file was found to be sound.
  Outcome run(const std::string& revisions) {
    if (!file_.is_regular()) {
      open_store(revisions);
      pass(Step::check_and_write);
      return outcome_;
    }
    const ExportSum checked = pass(Step::check_form);
    open_store(revisions);
    if (on_conflict_ == OnConflict::fail && !store_is_new_) again(Step::check_conflicts);
    if (again(Step::write) != checked) {
      throw_invalid_argument(file_.name() + " was changed while it was read; " + so_far());
    }
    return outcome_;
  }

 private:
  /// What a pass over the file does. A file that can be read again is checked wholly first.
  enum class Step { check_form, check_conflicts, write, check_and_write };

  void open_store(const std::string& revisions) {
    memory_.emplace(program_.open_or_create());
    store_is_new_ = memory_->stats().last_revision == 0;
    const bool can_keep = store_is_new_ && form_ == EntryForm::exported;
    const bool keep = revisions == "keep" || (revisions == "auto" && can_keep);
    revisions_ = keep ? RestoreRevisions::keep : RestoreRevisions::assign;
  }

  ExportSum again(Step step) {
    file_.rewind();
    outcome_ = {};
    return pass(step);
  }

  ExportSum pass(Step step) {
    const bool writes = step == Step::write || step == Step::check_and_write;
    Progress progress(writes ? "imported" : "checked", "entries");
    EntryStream stream(file_, form_, now_);
    try {
      Batch batch;
      Entry entry;
      while (stream.next(entry)) {
        take(entry, stream.line_number(), batch);
        if (!batch.is_full()) continue;
        finish_batch(step, std::exchange(batch, {}));
        progress.show(stream.sum().entries());
      }
      finish_batch(step, std::move(batch));
    } catch (const Error& error) {
      if (outcome_.imported == 0) throw;
      throw Error(error.code(), error.message() + "; " + so_far(),
                  {error.backend(), error.operation()}, error.cause(), error.token());
    }
    return stream.sum();
  }

  void take(Entry& entry, std::uint64_t line, Batch& batch) {
    if (entry.expires_at && *entry.expires_at <= now_) {
      ++outcome_.expired;
      return;
    }
    batch.add(std::move(entry), line);
  }

  void finish_batch(Step step, Batch batch) {
    if (batch.entries.empty() || step == Step::check_form) return;
    if (on_conflict_ == OnConflict::fail && step != Step::write) refuse_conflicts(batch);
    if (step == Step::check_conflicts) return;
    if (on_conflict_ == OnConflict::skip) leave_out_conflicts(batch);
    if (batch.entries.empty()) return;
    try {
      memory_->restore(batch.entries, revisions_);
    } catch (const Error& error) {
      rethrow_at("lines " + std::to_string(batch.lines.front()) + " to " +
                     std::to_string(batch.lines.back()) + ": ",
                 error);
    }
    outcome_.imported += batch.entries.size();
  }

  [[nodiscard]] std::vector<std::optional<Entry>> existing(const Batch& batch) {
    std::vector<Address> addresses;
    addresses.reserve(batch.entries.size());
    for (const Entry& entry : batch.entries) addresses.push_back({entry.ns, entry.key});
    return memory_->get_many(addresses);
  }

  void refuse_conflicts(const Batch& batch) {
    const auto found = existing(batch);
    for (std::size_t i = 0; i < found.size(); ++i) {
      if (!found[i]) continue;
      throw Error(ErrorCode::failed_precondition,
                  "line " + std::to_string(batch.lines[i]) + ": there is an entry \"" +
                      found[i]->key + "\" in namespace '" + std::string(found[i]->ns.text()) +
                      "' already; choose --on-conflict skip or overwrite");
    }
  }

  void leave_out_conflicts(Batch& batch) {
    const auto found = existing(batch);
    Batch fresh;
    for (std::size_t i = 0; i < found.size(); ++i) {
      if (found[i]) {
        ++outcome_.skipped;
      } else {
        fresh.add(std::move(batch.entries[i]), batch.lines[i]);
      }
    }
    batch = std::move(fresh);
  }

  [[nodiscard]] std::string so_far() const {
    return counted(outcome_.imported, "entry was", "entries were") + " imported before that";
  }

  const Program& program_;
  std::optional<Memory> memory_;
  InputFile file_;
  EntryForm form_;
  OnConflict on_conflict_;
  RestoreRevisions revisions_ = RestoreRevisions::assign;
  bool store_is_new_ = false;
  Timestamp now_;
  Outcome outcome_;
};

ExitCode run_import(Program& program, const ImportArguments& arguments) {
  const Outcome outcome = Import(program, arguments).run(arguments.revisions);
  if (arguments.json) {
    const auto signed_number = [](std::uint64_t n) { return static_cast<std::int64_t>(n); };
    program.output.line(std::move(JsonObject()
                                      .number("imported", signed_number(outcome.imported))
                                      .number("skipped", signed_number(outcome.skipped))
                                      .number("expired", signed_number(outcome.expired)))
                            .finish());
    return ExitCode::done;
  }
  std::string text = counted(outcome.imported, "entry", "entries") + " imported";
  if (outcome.skipped > 0) text += ", " + std::to_string(outcome.skipped) + " skipped";
  if (outcome.expired > 0) text += ", " + std::to_string(outcome.expired) + " expired";
  program.output.line(text);
  return ExitCode::done;
}

}  // namespace

void add_import_command(CLI::App& root, Program& program) {
  CLI::App& command = add_command(
      root, "import",
      "Write the entries of an export, with their times and deadlines, in their order.\n"
      "A file is checked wholly before anything is written; from a pipe, entries are written as\n"
      "they come, and an error says how many were.",
      {"--store sqlite:m.db import all.jsonl", "import all.jsonl --on-conflict overwrite",
       "import --plain facts.jsonl",
       "--store sqlite:old.db export | holdfast --store sqlite:new.db import -"});
  auto arguments = std::make_shared<ImportArguments>();
  command.add_option("FILE", arguments->file, "What export wrote; '-' reads standard input")
      ->type_name("")
      ->required();
  add_choice(command, program, "--on-conflict", arguments->on_conflict,
             {"fail", "skip", "overwrite"},
             "Where an entry lies there already: refuse (the default), leave it, or replace it");
  add_choice(command, program, "--revisions", arguments->revisions, {"auto", "keep", "assign"},
             "Keep the file's revisions, which an empty store alone can, or assign new ones in "
             "order; auto keeps them where it can");
  command.add_flag("--plain", arguments->plain,
                   "JSON Lines of {\"namespace\":...,\"key\":...,\"value\":...} without header and "
                   "closing line, such as list --json prints");
  add_json_flag(command, arguments->json, "how many were imported, as one JSON document");
  when_chosen(command, program, [arguments](Program& p) { return run_import(p, *arguments); });
}

}  // namespace holdfast::program
