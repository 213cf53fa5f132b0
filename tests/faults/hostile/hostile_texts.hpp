// What a tenant writes who wants more than is his: texts for keys, namespaces, paths, values, ...
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace holdfast::fault_tests {

// Valid UTF-8 without U+0000, up to the length of a key: quotes, comments, wildcards, paths of
// engines, parameters, directions of writing, and what has broken stores before.
[[nodiscard]] const std::vector<std::string>& hostile_texts();

// As many made from them and from random characters, the same for one seed.
[[nodiscard]] std::vector<std::string> mixed_hostile_texts(std::uint64_t seed, std::size_t count);

// What no key, segment or path may hold: not UTF-8, U+0000.
[[nodiscard]] const std::vector<std::string>& impossible_texts();

}  // namespace holdfast::fault_tests
