#include "holdfast/conformance/conformance_test.hpp"

#include <unistd.h>

#include <atomic>
#include <mutex>
#include <ostream>
#include <string>
#include <system_error>

#include "holdfast/conformance/conformance.hpp"
#include "suite_links.hpp"

namespace holdfast::conformance {
namespace {

// Unique on this machine, for tests that run at the same time in other processes.
std::filesystem::path new_folder() {
  static std::atomic<int> folders{0};
  const std::string name =
      "holdfast_conformance_" + std::to_string(getpid()) + "_" + std::to_string(folders++);
  std::filesystem::path folder = std::filesystem::temp_directory_path() / name;
  std::filesystem::remove_all(folder);
  std::filesystem::create_directories(folder);
  return folder;
}

}  // namespace

void PrintTo(const BackendUnderTest& backend, std::ostream* out) { *out << backend.name; }

ConformanceTest::ConformanceTest() : folder_(new_folder()) {}

ConformanceTest::~ConformanceTest() {
  memory_.reset();
  std::error_code ignored;  // What stays behind lies in the folder for temporary files.
  std::filesystem::remove_all(folder_, ignored);
}

StoreRequest ConformanceTest::request() {
  StoreRequest request;
  request.folder = folder_ / ("store_" + std::to_string(stores_++));
  std::filesystem::create_directories(request.folder);
  request.clock = clock_;
  return request;
}

Memory ConformanceTest::open(const StoreRequest& request) const {
  return Memory(GetParam().open(request));
}

Memory& ConformanceTest::memory() {
  std::call_once(opened_, [this] { memory_.emplace(open(request())); });
  return *memory_;
}

int link_suites() { return SuiteLinks::sum(); }

}  // namespace holdfast::conformance
