// What the tests of the SQLite store share: a folder of their own, and looks at raw files.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>

#include "holdfast/sqlite.hpp"

namespace holdfast::sqlite_tests {

namespace fs = std::filesystem;

class SqliteTest : public testing::Test {
 protected:
  SqliteTest() {
    std::string name = (fs::temp_directory_path() / "holdfast-sqlite-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("cannot make a folder");
    folder_ = name;
  }
  ~SqliteTest() override {
    std::error_code ignored;
    fs::remove_all(folder_, ignored);
  }

  [[nodiscard]] std::string path(const std::string& name = "store.db") const {
    return (folder_ / name).string();
  }
  [[nodiscard]] SqliteOptions options(const std::string& name = "store.db") const {
    SqliteOptions options;
    options.path = path(name);
    options.clock = clock_;
    return options;
  }
  Memory open(const std::string& name = "store.db") const { return open_sqlite(options(name)); }

  const std::shared_ptr<ManualClock> clock_ = std::make_shared<ManualClock>();
  fs::path folder_;
};

inline std::string bytes_of(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

inline void write_file(const fs::path& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary) << bytes;
}

// The code of the error that `body` throws; a failure of the test where it throws none.
template <typename Body>
ErrorCode code_thrown_by(Body&& body) {
  try {
    body();
  } catch (const Error& error) {
    return error.code();
  }
  ADD_FAILURE() << "no Error was thrown";
  return ErrorCode::internal;
}

template <typename Body>
std::string message_thrown_by(Body&& body) {
  try {
    body();
  } catch (const Error& error) {
    return error.what();
  }
  ADD_FAILURE() << "no Error was thrown";
  return {};
}

}  // namespace holdfast::sqlite_tests
