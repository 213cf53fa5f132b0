#include "program_runner.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <thread>
#include <utility>

extern char** environ;

namespace holdfast::test {
namespace {

struct Pipe {
  int read_end = -1;
  int write_end = -1;

  Pipe() {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) throw std::runtime_error("pipe2 failed");
    read_end = ends[0];
    write_end = ends[1];
  }
};

void write_text(int descriptor, const std::string& input) {
  std::size_t written = 0;
  while (written < input.size()) {
    const ssize_t n = ::write(descriptor, input.data() + written, input.size() - written);
    if (n <= 0) break;  // The program need not read all of it.
    written += static_cast<std::size_t>(n);
  }
}

/// The exit code, or 128 and the signal that ended it.
int wait_for(pid_t child) {
  int status = 0;
  if (::waitpid(child, &status, 0) != child) throw std::runtime_error("waitpid failed");
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

void read_output(int descriptor, std::string& output) {
  std::array<char, 4096> buffer{};
  ssize_t n = 0;
  while ((n = ::read(descriptor, buffer.data(), buffer.size())) > 0) {
    output.append(buffer.data(), static_cast<std::size_t>(n));
  }
  ::close(descriptor);
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> result;
  for (std::string& text : texts) result.push_back(text.data());
  result.push_back(nullptr);
  return result;
}

std::vector<std::string> with_environment(const std::vector<std::string>& additions) {
  std::vector<std::string> all;
  for (char** variable = environ; *variable != nullptr; ++variable) {
    if (!std::string_view(*variable).starts_with("HOLDFAST_STORE=")) all.emplace_back(*variable);
  }
  all.insert(all.end(), additions.begin(), additions.end());
  return all;
}

pid_t spawn(const std::vector<std::string>& arguments, const std::vector<std::string>& environment,
            const Pipe& in, const Pipe& out, const Pipe& err) {
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, in.read_end, STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, out.write_end, STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions, err.write_end, STDERR_FILENO);
  // Whatever started the tests may ignore these, as shells do in the background.
  sigset_t defaults;
  ::sigemptyset(&defaults);
  for (const int signal : {SIGINT, SIGTERM}) ::sigaddset(&defaults, signal);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  posix_spawnattr_setsigdefault(&attributes, &defaults);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF);
  std::vector<std::string> argument_texts = arguments;
  std::vector<std::string> environment_texts = with_environment(environment);
  pid_t child = -1;
  const int error =
      ::posix_spawnp(&child, arguments.front().c_str(), &actions, &attributes,
                     pointers(argument_texts).data(), pointers(environment_texts).data());
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  if (error != 0) throw std::runtime_error("cannot start " + arguments.front());
  return child;
}

}  // namespace

RunResult run_process(const std::vector<std::string>& arguments, const std::string& input,
                      const std::vector<std::string>& environment) {
  std::signal(SIGPIPE, SIG_IGN);
  const Pipe in;
  const Pipe out;
  const Pipe err;
  const pid_t child = spawn(arguments, environment, in, out, err);
  ::close(in.read_end);
  ::close(out.write_end);
  ::close(err.write_end);
  RunResult result;
  {
    const std::jthread writer([&] {
      write_text(in.write_end, input);
      ::close(in.write_end);
    });
    const std::jthread error_reader([&] { read_output(err.read_end, result.err); });
    read_output(out.read_end, result.out);
  }
  result.exit_code = wait_for(child);
  return result;
}

StartedProcess::StartedProcess(const std::vector<std::string>& arguments) {
  std::signal(SIGPIPE, SIG_IGN);
  const Pipe in;
  const Pipe out;
  const Pipe err;
  child_ = spawn(arguments, {}, in, out, err);
  ::close(in.read_end);
  ::close(out.write_end);
  ::close(err.write_end);
  input_ = in.write_end;
  output_ = out.read_end;
  error_ = err.read_end;
}

StartedProcess::~StartedProcess() {
  if (child_ < 0) return;
  ::kill(child_, SIGKILL);
  (void)finish();
}

void StartedProcess::write(const std::string& text) const { write_text(input_, text); }

void StartedProcess::signal(int number) const { ::kill(child_, number); }

RunResult StartedProcess::finish() {
  RunResult result;
  result.exit_code = wait_for(std::exchange(child_, -1));
  ::close(input_);
  read_output(output_, result.out);
  read_output(error_, result.err);
  return result;
}

std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> lines;
  std::istringstream stream{std::string(text)};
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

std::vector<nlohmann::json> json_lines(std::string_view text) {
  std::vector<nlohmann::json> documents;
  for (const std::string& line : lines_of(text)) documents.push_back(nlohmann::json::parse(line));
  return documents;
}

ProgramTest::ProgramTest() {
  std::string name = (std::filesystem::temp_directory_path() / "holdfast_program_XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("cannot make a folder");
  folder_ = name;
  store_ = "sqlite:" + path("m.db");
}

ProgramTest::~ProgramTest() {
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

RunResult ProgramTest::run(std::vector<std::string> arguments, const std::string& input) {
  arguments.insert(arguments.begin(), {HOLDFAST_PROGRAM, "--store", store_});
  return run_process(arguments, input);
}

RunResult ProgramTest::run_on(std::string_view file, std::vector<std::string> arguments,
                              const std::string& input) const {
  arguments.insert(arguments.begin(), {HOLDFAST_PROGRAM, "--store", "sqlite:" + path(file)});
  return run_process(arguments, input);
}

std::string ProgramTest::done(std::vector<std::string> arguments, const std::string& input) {
  const RunResult result = run(std::move(arguments), input);
  EXPECT_EQ(result.exit_code, 0) << result.err;
  return result.out;
}

std::string ProgramTest::refused(int exit_code, std::vector<std::string> arguments,
                                 const std::string& input) {
  const RunResult result = run(std::move(arguments), input);
  EXPECT_EQ(result.exit_code, exit_code) << result.out << result.err;
  EXPECT_EQ(result.out, "");
  EXPECT_EQ(lines_of(result.err).size(), 1U) << result.err;
  EXPECT_TRUE(result.err.starts_with("holdfast: ")) << result.err;
  return result.err;
}

RunResult ProgramTest::shell(const std::string& line) {
  return run_process(
      {"bash", "-c", line}, {},
      {"HOLDFAST_STORE=" + store_, "HF=" HOLDFAST_PROGRAM, "DIR=" + folder_.string()});
}

std::string ProgramTest::write_file(std::string_view name, std::string_view content) const {
  const std::string file = path(name);
  std::ofstream(file, std::ios::binary) << content;
  return file;
}

std::string ProgramTest::read_file(const std::string& path) {
  std::ifstream stream(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

}  // namespace holdfast::test
