// What backends have to say to whoever runs the program: to standard error, never to standard
// output. Quiet unless something is out of the ordinary.
#pragma once

#include <string>

namespace holdfast::support {

// A process that wants these elsewhere, or more of them, registers a spdlog logger named "holdfast"
// of its own; otherwise they go to standard error from level warn on. No secret belongs in them.
// Safe to call from many threads; a failure to log is not reported.
void log_info(const std::string& message) noexcept;
void log_warning(const std::string& message) noexcept;
void log_error(const std::string& message) noexcept;

}  // namespace holdfast::support
