/// @file
/// How a store is called where its URL must not stand.
#pragma once

#include <string>
#include <string_view>

namespace holdfast::program {

/// The same for every URL of one store that differs in options or secrets alone: a file by its
/// absolute path, anything else without user, password and the options that do not say which store
/// it is. Throws `InvalidArgument` where `url` is none.
[[nodiscard]] std::string store_name(std::string_view url);

}  // namespace holdfast::program
