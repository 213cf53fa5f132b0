#include "io_fault_run.hpp"

#include <gtest/gtest.h>

#include <map>
#include <optional>
#include <random>
#include <string>

#include "fault.hpp"
#include "support/temporary_folder.hpp"
#include "vfs/watching_vfs.hpp"

namespace holdfast::fault_tests {
namespace {

namespace fs = std::filesystem;

using Counts = std::map<FileCall, int>;

// How often each call is made in a folder. The watcher while it lives.
class Counter final : public FileWatcher {
 public:
  explicit Counter(const fs::path& folder) : folder_(folder) { set_watcher(this); }
  ~Counter() override { set_watcher(nullptr); }
  Counter(const Counter&) = delete;
  Counter& operator=(const Counter&) = delete;

  [[nodiscard]] Verdict before(FileCall call, std::string_view path) override {
    if (path.starts_with(folder_)) ++counts_[call];
    return {};
  }
  [[nodiscard]] const Counts& counts() const noexcept { return counts_; }

 private:
  const std::string folder_;
  Counts counts_;
};

struct Case {
  const FaultKind& kind;
  int ordinal;
  bool lasts;
};

std::string text_of(const std::string& doing, const Case& at) {
  return doing + " with a failing " + at.kind.name + ", number " + std::to_string(at.ordinal) +
         (at.lasts ? " and all after it" : " alone");
}

// What came of a call.
struct Outcome {
  std::optional<std::string> answer{};  // Empty: it failed.
  std::optional<Error> error{};
};

template <typename Call>
Outcome outcome_of(Call&& call) {
  Outcome outcome;
  try {
    outcome.answer = call();
  } catch (const Error& error) {
    outcome.error = error;
  } catch (const std::exception& exception) {
    ADD_FAILURE() << "what left the store is no Error: " << exception.what();
  }
  return outcome;
}

void expect_rightly_failed(const Outcome& outcome, const FaultKind& kind, bool struck) {
  if (!outcome.error) return;
  EXPECT_TRUE(struck) << "nothing was wrong: " << outcome.error->what();
  EXPECT_EQ(problem_of(*outcome.error, kind), "");
}

void expect_sound(Memory& memory) {
  const auto report = memory.maintenance().check_integrity({});
  EXPECT_TRUE(report.ok) << (report.problems.empty() ? "" : report.problems.front());
}

// Runs each case of `tested`, or a sample of them.
template <typename Run>
std::uint64_t each_case(const Run& tested, bool lasts, std::mt19937_64& random,
                        std::uint64_t one_in) {
  std::uint64_t cases = 0;
  Counts counts = tested.counts();
  for (const FaultKind& kind : all_fault_kinds()) {
    for (int ordinal = 1; ordinal <= counts[kind.call]; ++ordinal) {
      if (random() % one_in != 0) continue;
      ++cases;
      tested.run(Case{kind, ordinal, lasts});
      if (testing::Test::HasFailure()) return cases;
    }
  }
  return cases;
}

class OperationRun {
 public:
  OperationRun(const Operation& operation, const fs::path& store, Writing writing)
      : operation_(operation), store_(store), writing_(writing) {
    const TemporaryFolder folder;
    Memory memory = open_copy(folder.path());
    before_ = everything_shown(memory);
    answer_ = operation_.call(memory, folder.path());
    after_ = everything_shown(memory);
  }

  // Of the calls that it makes when nothing fails.
  [[nodiscard]] Counts counts() const {
    const TemporaryFolder folder;
    Memory memory = open_copy(folder.path());
    const Counter counter(folder.path());
    static_cast<void>(operation_.call(memory, folder.path()));
    return counter.counts();
  }

  void run(const Case& at) const {
    SCOPED_TRACE(text_of(operation_.name, at));
    const TemporaryFolder folder;
    std::optional<Memory> memory(open_copy(folder.path()));
    Outcome outcome;
    {
      Fault fault(at.kind, folder.path(), at.ordinal, at.lasts);
      outcome = outcome_of([&] { return operation_.call(*memory, folder.path()); });
      fault.end();
      expect_rightly_failed(outcome, at.kind, fault.struck());
    }
    try {
      expect_outcome(*memory, outcome);
      expect_that_it_works(*memory);
      expect_no_rest(folder.path(), outcome);
      const std::string shown = everything_shown(*memory);
      memory.reset();
      Memory again = open_sqlite(store_options(folder.path(), writing_));
      EXPECT_EQ(everything_shown(again), shown) << "after reopening";
      expect_sound(again);
    } catch (const Error& error) {
      ADD_FAILURE() << "it does not work again: " << error.what();
    }
  }

 private:
  [[nodiscard]] Memory open_copy(const fs::path& folder) const {
    fs::copy_file(store_, folder / store_name);
    return open_sqlite(store_options(folder, writing_));
  }

  // What the error says of the outcome is true.
  void expect_outcome(Memory& memory, const Outcome& outcome) const {
    bool applied = outcome.answer.has_value();
    if (outcome.answer) {
      EXPECT_EQ(*outcome.answer, answer_) << "a wrong answer";
    }
    if (outcome.error && outcome.error->code() == ErrorCode::commit_unknown) {
      const std::optional<bool> resolved = memory.resolve(outcome.error->token());
      ASSERT_TRUE(resolved.has_value()) << "its outcome is not to be had";
      applied = *resolved;
    }
    EXPECT_EQ(everything_shown(memory), applied ? after_ : before_)
        << (applied ? "it is said to be applied" : "it is said not to be applied");
  }

  static void expect_that_it_works(Memory& memory) {
    EXPECT_EQ(memory.set("works", "k", 1).status, WriteStatus::created);
    EXPECT_EQ(memory.get("works", "k"), MemoryValue(1));
    expect_sound(memory);
  }

  void expect_no_rest(const fs::path& folder, const Outcome& outcome) const {
    for (const fs::directory_entry& file : fs::directory_iterator(folder)) {
      const std::string name = file.path().filename().string();
      if (name.starts_with(store_name)) continue;
      EXPECT_TRUE(outcome.answer && name == "copy.db") << "it left " << name;
    }
    if (!outcome.answer || operation_.name != "backup") return;
    SqliteOptions options = store_options(folder);
    options.path = (folder / "copy.db").string();
    Memory copy = open_sqlite(options);
    EXPECT_EQ(everything_shown(copy), before_) << "the backup";
    expect_sound(copy);
  }

  const Operation& operation_;
  const fs::path& store_;
  const Writing writing_;
  std::string before_;
  std::string answer_;
  std::string after_;
};

class OpeningRun {
 public:
  explicit OpeningRun(const Opening& opening) : opening_(opening) {
    opening_.prepare(prepared_.path());
    const TemporaryFolder folder;
    copy_to(folder.path());
    shown_ = open_and_look(folder.path());
  }

  // Of the calls that it makes when nothing fails.
  [[nodiscard]] Counts counts() const {
    const TemporaryFolder folder;
    copy_to(folder.path());
    const Counter counter(folder.path());
    static_cast<void>(open_and_look(folder.path()));
    return counter.counts();
  }

  void run(const Case& at) const {
    SCOPED_TRACE("opening " + text_of(opening_.name, at));
    const TemporaryFolder folder;
    copy_to(folder.path());
    {
      Fault fault(at.kind, folder.path(), at.ordinal, at.lasts);
      const Outcome outcome = outcome_of([&] { return open_and_look(folder.path()); });
      fault.end();
      expect_rightly_failed(outcome, at.kind, fault.struck());
      if (outcome.answer) {
        EXPECT_EQ(*outcome.answer, shown_) << "a wrong answer";
      }
    }
    try {
      Memory memory = open_sqlite(options(folder.path()));
      EXPECT_EQ(everything_shown(memory), shown_);
      expect_sound(memory);
      if (!opening_.read_only) memory.set("works", "k", 1);
    } catch (const Error& error) {
      ADD_FAILURE() << "it does not open again: " << error.what();
    }
  }

 private:
  void copy_to(const fs::path& folder) const {
    fs::copy(prepared_.path(), folder, fs::copy_options::recursive);
  }
  [[nodiscard]] SqliteOptions options(const fs::path& folder) const {
    SqliteOptions options = store_options(folder);
    options.read_only = opening_.read_only;
    if (opening_.read_only) options.change_log.reset();
    return options;
  }
  // Closes it too.
  [[nodiscard]] std::string open_and_look(const fs::path& folder) const {
    Memory memory = open_sqlite(options(folder));
    return everything_shown(memory);
  }

  const Opening& opening_;
  const TemporaryFolder prepared_;
  std::string shown_;
};

}  // namespace

std::uint64_t fail_operations(Writing writing, bool faults_last, std::uint64_t one_in) {
  const WatchingVfs vfs;
  const WithoutSyncing without_syncing;
  const TemporaryFolder folder;
  fill_store(folder.path());
  const fs::path store = folder.path() / store_name;
  std::mt19937_64 random(static_cast<std::uint64_t>(writing) * 2 + (faults_last ? 1 : 0));
  std::uint64_t cases = 0;
  for (const Operation& operation : all_operations()) {
    const OperationRun run(operation, store, writing);
    cases += each_case(run, faults_last, random, one_in);
    if (testing::Test::HasFailure()) break;
  }
  return cases;
}

std::uint64_t fail_openings(bool faults_last, std::uint64_t one_in) {
  const WatchingVfs vfs;
  const WithoutSyncing without_syncing;
  std::mt19937_64 random(faults_last ? 3 : 4);
  std::uint64_t cases = 0;
  for (const Opening& opening : all_openings()) {
    const OpeningRun run(opening);
    cases += each_case(run, faults_last, random, one_in);
    if (testing::Test::HasFailure()) break;
  }
  return cases;
}

}  // namespace holdfast::fault_tests
