/// @file
/// How the outcome of one write is shown, and the exit code that it gives.
#pragma once

#include "exit_code.hpp"
#include "holdfast/write.hpp"
#include "output.hpp"

namespace holdfast::program {

/// For people "created, revision 7"; with `json` {"status":"created","revision":7}, where the
/// revision of an unmet precondition is that of the entry that lies there (0: none).
ExitCode print_write_result(Output& output, const WriteResult& result, bool json);

}  // namespace holdfast::program
