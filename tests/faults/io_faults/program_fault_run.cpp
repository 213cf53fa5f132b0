#include "program_fault_run.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

#include "../../program/program_runner.hpp"
#include "holdfast/sqlite.hpp"
#include "support/temporary_folder.hpp"

namespace holdfast::fault_tests {
namespace {

namespace fs = std::filesystem;
using test::RunResult;

struct CallFault {
  const char* call;
  int error;  // 0: half of a read or write is done.
};

constexpr std::array faults{
    CallFault{"open", EIO},      CallFault{"open", ENOSPC},  CallFault{"open", EMFILE},
    CallFault{"read", EIO},      CallFault{"read", 0},       CallFault{"write", EIO},
    CallFault{"write", ENOSPC},  CallFault{"write", 0},      CallFault{"sync", EIO},
    CallFault{"sync", ENOSPC},   CallFault{"truncate", EIO}, CallFault{"rename", EIO},
    CallFault{"rename", ENOSPC}, CallFault{"unlink", EIO},
};

struct ProgramCase {
  CallFault fault;
  int number = 0;
  bool lasts = false;
};

RunResult run_program(const fs::path& store, std::vector<std::string> arguments,
                      const std::vector<std::string>& environment = {}) {
  arguments.insert(arguments.begin(), {HOLDFAST_PROGRAM, "--store", "sqlite:" + store.string()});
  return test::run_process(arguments, {}, environment);
}

std::vector<std::string> environment_of(const ProgramCase& at, const fs::path& folder) {
  return {std::string("LD_PRELOAD=") + HOLDFAST_FAILING_CALLS,
          "HOLDFAST_FAIL_FOLDER=" + folder.string(),
          std::string("HOLDFAST_FAIL_CALL=") + at.fault.call,
          "HOLDFAST_FAIL_NUMBER=" + std::to_string(at.number),
          "HOLDFAST_FAIL_ERRNO=" + std::to_string(at.fault.error),
          std::string("HOLDFAST_FAIL_LASTS=") + (at.lasts ? "1" : "0")};
}

// The sanitizer of a sanitized program insists on being loaded first, unless it is told not to.
void allow_preloading() {
  const char* const there = std::getenv("ASAN_OPTIONS");
  const std::string options = there == nullptr ? "" : std::string(there) + ":";
  ::setenv("ASAN_OPTIONS", (options + "verify_asan_link_order=0").c_str(), 1);
}

std::string content_of(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

// A failure is one line that names its cause, behind what the library's log has to say.
void expect_told(const RunResult& result, const CallFault& fault) {
  if (result.exit_code == 0) return;
  EXPECT_TRUE(result.exit_code == 2 || result.exit_code == 3) << result.exit_code;
  const std::vector<std::string> lines = test::lines_of(result.err);
  const std::string last = lines.empty() ? "" : lines.back();
  EXPECT_TRUE(last.starts_with("holdfast: ")) << result.err;
  bool named = last.find(std::strerror(fault.error)) != std::string::npos;
  for (const char* words :
       {"disk I/O error", "disk is full", "unable to open", "for reading only"}) {
    named = named || last.find(words) != std::string::npos;
  }
  EXPECT_TRUE(named) << "the cause is not named: " << result.err;
  EXPECT_NE(fault.error, 0) << "half a transfer is no failure: " << result.err;
}

void expect_sound(const fs::path& store) {
  Memory memory = open_sqlite({.path = store.string()});
  const auto report = memory.maintenance().check_integrity({});
  EXPECT_TRUE(report.ok) << (report.problems.empty() ? "" : report.problems.front());
}

void fill(const fs::path& store) {
  Memory memory = open_sqlite({.path = store.string()});
  WriteBatch batch;
  for (int i = 0; i < 300; ++i) {
    batch.set(Namespace("notes") / std::to_string(i % 3), std::to_string(i), std::string(500, 'n'));
  }
  memory.write(batch);
}

// Runs `run` with each case, given as many calls as `count` says that there are.
template <typename Count, typename Run>
std::uint64_t each_case(std::uint64_t one_in, const Count& count, const Run& run) {
  allow_preloading();
  std::mt19937_64 random(one_in);
  std::uint64_t cases = 0;
  for (const CallFault& fault : faults) {
    const int calls = count(ProgramCase{fault});
    for (int number = 1; number <= calls; ++number) {
      for (const bool lasts : {false, true}) {
        if (random() % one_in != 0) continue;
        ++cases;
        SCOPED_TRACE(std::string(fault.call) + " number " + std::to_string(number) +
                     (lasts ? " and those after it" : "") + " with errno " +
                     std::to_string(fault.error));
        run(ProgramCase{fault, number, lasts});
        if (testing::Test::HasFailure()) return cases;
      }
    }
  }
  return cases;
}

// How many calls a run makes that fails none of them.
template <typename Run>
int counted(const ProgramCase& at, const Run& run) {
  const TemporaryFolder folder;
  const TemporaryFolder elsewhere;
  const fs::path count = elsewhere.path() / "count";
  std::vector<std::string> environment = environment_of(at, folder.path());
  environment.push_back("HOLDFAST_FAIL_COUNT=" + count.string());
  const RunResult result = run(folder.path(), environment);
  EXPECT_EQ(result.exit_code, 0) << result.err;
  return std::stoi(content_of(count));
}

}  // namespace

std::uint64_t fail_export(std::uint64_t one_in) {
  const TemporaryFolder source;
  const fs::path store = source.path() / "store.db";
  fill(store);
  const std::string whole = run_program(store, {"export"}).out;
  const auto export_in = [&](const fs::path& folder, const std::vector<std::string>& environment) {
    fs::copy_file(store, folder / "store.db");
    return run_program(folder / "store.db", {"export", "-o", (folder / "all.jsonl").string()},
                       environment);
  };
  const auto count = [&](const ProgramCase& at) { return counted(at, export_in); };
  return each_case(one_in, count, [&](const ProgramCase& at) {
    const TemporaryFolder folder;
    const RunResult result = export_in(folder.path(), environment_of(at, folder.path()));
    expect_told(result, at.fault);
    const fs::path file = folder.path() / "all.jsonl";
    if (result.exit_code == 0) {
      EXPECT_EQ(content_of(file), whole) << "it is not what it says";
    }
    // Whatever has the file's name is whole, also where its folder could not be synced.
    if (fs::exists(file)) {
      EXPECT_EQ(content_of(file), whole);
    }
    fs::remove(file);
    const RunResult again =
        run_program(folder.path() / "store.db", {"export", "-o", file.string()});
    EXPECT_EQ(again.exit_code, 0) << again.err;
    EXPECT_EQ(content_of(file), whole);
    expect_sound(folder.path() / "store.db");
  });
}

std::uint64_t fail_import(std::uint64_t one_in) {
  const TemporaryFolder source;
  fill(source.path() / "store.db");
  const std::string whole = run_program(source.path() / "store.db", {"export"}).out;
  const auto import_in = [&](const fs::path& folder, const std::vector<std::string>& environment) {
    std::ofstream(folder / "all.jsonl", std::ios::binary) << whole;
    return run_program(folder / "store.db", {"import", (folder / "all.jsonl").string()},
                       environment);
  };
  const auto count = [&](const ProgramCase& at) { return counted(at, import_in); };
  return each_case(one_in, count, [&](const ProgramCase& at) {
    const TemporaryFolder folder;
    const fs::path store = folder.path() / "store.db";
    const RunResult result = import_in(folder.path(), environment_of(at, folder.path()));
    expect_told(result, at.fault);
    if (result.exit_code == 0) {
      EXPECT_EQ(run_program(store, {"export"}).out, whole) << "it is not what it says";
    }
    // As the program says how to go on.
    const RunResult again = run_program(
        store, {"import", (folder.path() / "all.jsonl").string(), "--on-conflict", "skip"});
    EXPECT_EQ(again.exit_code, 0) << again.err;
    EXPECT_EQ(run_program(store, {"export"}).out, whole);
    expect_sound(store);
  });
}

}  // namespace holdfast::fault_tests
