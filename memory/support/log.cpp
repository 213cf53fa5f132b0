#include "support/log.hpp"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <memory>
#include <mutex>

namespace holdfast::support {

namespace {

std::shared_ptr<spdlog::logger> logger() {
  static std::mutex making;
  if (auto known = spdlog::get("holdfast")) return known;
  const std::lock_guard lock(making);
  if (auto known = spdlog::get("holdfast")) return known;
  auto made = spdlog::stderr_logger_mt("holdfast");
  made->set_level(spdlog::level::warn);
  return made;
}

void log(spdlog::level::level_enum level, const std::string& message) noexcept try {
  logger()->log(level, message);
} catch (...) {
  // Logging must not change what an operation does; there is nobody else to tell.
}

}  // namespace

void log_info(const std::string& message) noexcept { log(spdlog::level::info, message); }
void log_warning(const std::string& message) noexcept { log(spdlog::level::warn, message); }
void log_error(const std::string& message) noexcept { log(spdlog::level::err, message); }

}  // namespace holdfast::support
