// The process that runs a test's PostgreSQL server and outlives the test program.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>

#include "postgresql_server.hpp"

namespace holdfast::testing {

// A shell, detached from this program, that makes a folder, runs in it what it is told, and, when
// this program ends in whatever way, stops the server and removes the folder. One process does all
// of these things one after the other, so that none of them can overtake another.
class PostgresqlServer::Keeper {
 public:
  Keeper(const std::filesystem::path& binaries, const std::filesystem::path& link);
  ~Keeper();
  Keeper(const Keeper&) = delete;
  Keeper& operator=(const Keeper&) = delete;

  [[nodiscard]] const std::filesystem::path& folder() const { return folder_; }
  // Runs a line of the shell. In it `as_server` runs a program as the server's user, $bin is where
  // PostgreSQL's programs are, and $data is the cluster; output goes to the log. Whether it
  // succeeded.
  bool run(const std::string& line);
  // As `run`, throwing std::runtime_error, which begins with `doing`, where it fails.
  void require(const std::string& line, const std::string& doing);

 private:
  [[nodiscard]] std::string ask(const std::string& line);
  [[nodiscard]] std::string read_answer();

  pid_t owner_;
  int channel_ = -1;
  std::filesystem::path folder_;
};

}  // namespace holdfast::testing
