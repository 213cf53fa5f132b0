/// @file
/// Runs the program as a process of its own and catches what it says.
#pragma once

#include <gtest/gtest.h>
#include <sys/types.h>

#include <filesystem>
#include <initializer_list>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace holdfast::test {

struct RunResult {
  int exit_code = -1;  ///< 128 and more: ended by that signal.
  std::string out;
  std::string err;
};

/// Runs `arguments` (the first is the executable) with `input` on a pipe as standard input.
[[nodiscard]] RunResult run_process(const std::vector<std::string>& arguments,
                                    const std::string& input = {},
                                    const std::vector<std::string>& environment = {});

/// A process that runs beside the test, with a pipe as standard input that stays open. What it
/// prints is read at its end, and must fit into a pipe. Killed at the end of its scope.
class StartedProcess {
 public:
  explicit StartedProcess(const std::vector<std::string>& arguments);
  ~StartedProcess();
  StartedProcess(const StartedProcess&) = delete;
  StartedProcess& operator=(const StartedProcess&) = delete;

  void write(const std::string& text) const;
  void signal(int number) const;
  /// Waits until it ends, while its input stays open.
  [[nodiscard]] RunResult finish();

 private:
  pid_t child_ = -1;
  int input_ = -1;
  int output_ = -1;
  int error_ = -1;
};

/// The lines of `text`, without line feeds.
[[nodiscard]] std::vector<std::string> lines_of(std::string_view text);
/// Each line read as JSON.
[[nodiscard]] std::vector<nlohmann::json> json_lines(std::string_view text);

/// A folder of its own for each test, and a store in it.
class ProgramTest : public ::testing::Test {
 protected:
  ProgramTest();
  ~ProgramTest() override;

  /// `holdfast --store STORE arguments...`
  [[nodiscard]] RunResult run(std::vector<std::string> arguments, const std::string& input = {});
  /// The same on another store, the file of that name in this folder.
  [[nodiscard]] RunResult run_on(std::string_view file, std::vector<std::string> arguments,
                                 const std::string& input = {}) const;
  /// As `run`, failing the test unless the exit code is 0; gives standard output.
  std::string done(std::vector<std::string> arguments, const std::string& input = {});
  /// As `run`, failing the test unless the exit code is `exit_code`, standard output is empty and
  /// standard error is one line that begins with "holdfast: "; gives that line.
  std::string refused(int exit_code, std::vector<std::string> arguments,
                      const std::string& input = {});
  /// Runs a line of bash with `$HF` as the program and the store in HOLDFAST_STORE.
  [[nodiscard]] RunResult shell(const std::string& line);

  [[nodiscard]] std::string path(std::string_view name) const { return folder_ / name; }
  std::string write_file(std::string_view name, std::string_view content) const;
  [[nodiscard]] static std::string read_file(const std::string& path);

  std::filesystem::path folder_;
  std::string store_;
};

}  // namespace holdfast::test
