// Programs of PostgreSQL's surroundings, run for a test.
#pragma once

#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <system_error>
#include <vector>

namespace holdfast::postgresql {

// A folder of the test's own, which every user may write to: servers refuse to run as root.
class OpenFolder {
 public:
  OpenFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "holdfast-open-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("cannot make a folder");
    path_ = name;
    std::filesystem::permissions(path_, std::filesystem::perms::all);
  }
  ~OpenFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  OpenFolder(const OpenFolder&) = delete;
  OpenFolder& operator=(const OpenFolder&) = delete;
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

// A program that runs as `postgres` where this one runs as root. It is killed with this object, or
// with this program, in whatever way that ends.
class ChildProcess {
 public:
  ChildProcess(std::vector<std::string> words, int ending_signal) : signal_(ending_signal) {
    std::vector<std::string> line{"setpriv", "--pdeathsig", ::sigabbrev_np(ending_signal)};
    if (::geteuid() == 0) {
      line.insert(line.end(), {"--reuid=postgres", "--regid=postgres", "--clear-groups"});
    }
    line.insert(line.end(), words.begin(), words.end());
    std::vector<char*> arguments;
    for (std::string& word : line) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    // Debian has servers where the path of an ordinary user does not lead.
    const char* const known = std::getenv("PATH");
    const std::string path = std::string(known == nullptr ? "" : known) + ":/usr/sbin:/sbin";
    process_ = ::fork();
    if (process_ != 0) return;
    ::setenv("PATH", path.c_str(), 1);
    ::execvp(arguments[0], arguments.data());
    ::_exit(127);
  }
  ~ChildProcess() {
    if (ended_) return;
    ::kill(process_, signal_);
    ::waitpid(process_, nullptr, 0);
  }
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  [[nodiscard]] bool has_ended() {
    if (!ended_) ended_ = ::waitpid(process_, &status_, WNOHANG) == process_;
    return ended_;
  }
  // Its exit status, when it has ended.
  [[nodiscard]] int wait() {
    if (!ended_) ended_ = ::waitpid(process_, &status_, 0) == process_;
    return status_;
  }

 private:
  pid_t process_ = 0;
  int signal_;
  bool ended_ = false;
  int status_ = -1;
};

}  // namespace holdfast::postgresql
