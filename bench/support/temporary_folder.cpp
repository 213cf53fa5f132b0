#include "temporary_folder.hpp"

#include <cstdlib>
#include <stdexcept>
#include <system_error>

namespace holdfast::bench {

TemporaryFolder::TemporaryFolder(const std::filesystem::path& in) {
  std::string name = (in / "holdfast-bench-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) {
    throw std::runtime_error("cannot make a folder in " + in.string() + ": " +
                             std::generic_category().message(errno));
  }
  path_ = name;
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

}  // namespace holdfast::bench
