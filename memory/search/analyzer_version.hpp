// What an index records about the analysis it was made with.
#pragma once

#include <string>

namespace holdfast::search {

[[nodiscard]] std::string analyzer_version(const std::string& language);

}  // namespace holdfast::search
