/// @file
/// Everything that a user of Holdfast includes, but for the typed options of single backends.
#pragma once

#include "holdfast/memory.hpp"  // IWYU pragma: export
#include "holdfast/open.hpp"    // IWYU pragma: export
