#include "support/tries.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <string>
#include <system_error>

namespace holdfast::fault_tests {

void count_tries(std::string_view promise, std::uint64_t tries) {
  const std::string count = std::to_string(tries);
  ::testing::Test::RecordProperty("tries", count);
  const char* const path = std::getenv("HOLDFAST_TRIES_FILE");
  if (path == nullptr) return;
  // One write at the file's end: lines of tests that run at the same time do not mix.
  const std::string line = count + '\t' + std::string(promise) + '\n';
  const int file = ::open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  const bool written =
      file >= 0 && ::write(file, line.data(), line.size()) == static_cast<ssize_t>(line.size());
  const int error = errno;
  if (file >= 0) ::close(file);
  if (!written) throw std::system_error(error, std::generic_category(), path);
}

}  // namespace holdfast::fault_tests
