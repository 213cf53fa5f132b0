// Checks that every call makes once, before a backend sees its arguments (contract, clauses 1, 2).
#pragma once

#include <string_view>

#include "holdfast/namespace.hpp"
#include "holdfast/value.hpp"
#include "holdfast/write.hpp"

namespace holdfast {

/// Throws `InvalidArgument` unless `key` is valid UTF-8 without U+0000 of at most `max_key_bytes`.
void check_key(std::string_view key);
/// As `check_key`, for the beginning of a key.
void check_key_prefix(std::string_view prefix);
/// Throws `InvalidArgument` for a namespace that is the library's own.
void check_namespace(const Namespace& ns);
/// Throws `InvalidArgument` for a value of more than `max_value_bytes`.
void check_value(const MemoryValue& value);
/// Throws `InvalidArgument` where options exclude each other.
void check_options(const SetOptions& options);

}  // namespace holdfast
