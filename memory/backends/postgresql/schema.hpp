// A store's schema: making it, bringing it up to date, and refusing what is not Holdfast's.
#pragma once

#include <array>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "connection.hpp"
#include "holdfast/filter.hpp"

namespace holdfast::postgresql {

inline constexpr int format_version = 5;

// SQL in which "@schema@" stands for the schema's quoted name. A step leads from the version that
// is its index to the next one.
extern const std::array<const char*, format_version> table_steps;
extern const char* const common_functions;
extern const char* const write_functions;
extern const char* const set_functions;
extern const char* const bulk_functions;
extern const char* const restore_function;
extern const char* const search_functions;
extern const char* const vector_functions;

// A name as SQL quotes it.
[[nodiscard]] std::string quoted_name(std::string_view name);
// `sql` with the schema's quoted name put in.
[[nodiscard]] std::string in_schema(std::string_view sql, std::string_view schema);

// Throws InvalidArgument for a name that the server would not take, or would cut.
void check_schema_name(std::string_view schema);

// Checks that the database can hold stores, and makes the store in `schema`, or brings it up to
// date, where `may_create` is set; safe when many do it at once. Throws FailedPrecondition where
// there is none and it may not be made, or it has a newer format; Corruption where the schema is
// something else.
void open_schema(Connection& connection, const std::string& schema, bool may_create,
                 const Context& context);

// Runs the steps from the store's version on, and makes the functions anew, in one transaction.
// For tests with other steps than table_steps.
void migrate(Connection& connection, const std::string& schema, std::span<const char* const> steps,
             const Context& context);

// Switches the change log; off forgets the removals.
void set_change_log(Connection& connection, const std::string& schema, bool on,
                    const Context& context);

// The paths with an index, after those in `wanted` that had none were given one.
[[nodiscard]] std::vector<Path> ensure_indexes(Connection& connection, const std::string& schema,
                                               const std::vector<Path>& wanted, bool may_create,
                                               const Context& context);

}  // namespace holdfast::postgresql
