// A store of several tenants, one of which is hostile, on every store of the build.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "../../differential/stores.hpp"
#include "../support/temporary_folder.hpp"
#include "holdfast/memory.hpp"

namespace holdfast::fault_tests {

// The hostile one's namespace. Those of the others lie close to it.
inline const Namespace mine{"mine"};

class Tenants : public ::testing::TestWithParam<differential::StoreUnderTest> {
 protected:
  Tenants();
  ~Tenants() override;

  [[nodiscard]] Memory& memory() noexcept { return *memory_; }
  // Another store of the same kind, empty.
  [[nodiscard]] Memory open_another();
  // Closes the store and opens it again, where it lasts.
  void reopen();

  // Fails the test where an entry, a namespace or a search configuration of the others is not as it
  // was, and where a search of theirs finds anything else.
  void expect_others_untouched(const std::string& what);
  // Fails the test where an entry is not the hostile one's.
  static void expect_mine(const std::vector<Entry>& entries, const std::string& what);
  // Whether `call` returned; fails the test where it throws anything but `InvalidArgument`.
  template <typename Call>
  static bool is_taken(const Call& call, const std::string& what) {
    try {
      call();
      return true;
    } catch (const Error& error) {
      EXPECT_EQ(to_string(error.code()), to_string(ErrorCode::invalid_argument))
          << what << ": " << error.what() << " " << error.cause();
      return false;
    }
  }

 private:
  // What the others have, as far as a caller can see.
  struct View {
    std::vector<Entry> entries;
    std::vector<std::string> namespaces;
    std::vector<std::string> configurations;
    std::vector<std::string> found;
    [[nodiscard]] friend bool operator==(const View&, const View&) = default;
  };
  [[nodiscard]] View others();
  [[nodiscard]] differential::StoreRequest request();
  void fill();

  std::shared_ptr<ManualClock> clock_ = std::make_shared<ManualClock>();
  const TemporaryFolder folder_;
  std::vector<differential::StoreRequest> requests_;
  std::optional<Memory> memory_;
  View before_;
};

// For INSTANTIATE_TEST_SUITE_P.
[[nodiscard]] inline std::string name_of_store(
    const ::testing::TestParamInfo<differential::StoreUnderTest>& info) {
  return info.param.name;
}

// Text for a message: printable, and not of any length.
[[nodiscard]] std::string shown(std::string_view text);

}  // namespace holdfast::fault_tests
