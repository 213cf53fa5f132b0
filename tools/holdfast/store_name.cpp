#include "store_name.hpp"

#include <algorithm>
#include <filesystem>
#include <system_error>

#include "holdfast/open.hpp"

namespace holdfast::program {
namespace {

/// "//host/database" of "//user:secret@host/database".
std::string without_user(const std::string& body) {
  if (!body.starts_with("//")) return body;
  const std::size_t end = std::min(body.find('/', 2), body.size());
  const std::size_t at = body.rfind('@', end);
  if (at == std::string::npos || at < 2) return body;
  return "//" + body.substr(at + 1);
}

}  // namespace

std::string store_name(std::string_view url) {
  StoreUrl parsed(url);
  if (parsed.scheme() == "sqlite") {
    std::error_code error;
    const std::filesystem::path path(parsed.decoded_body());
    const std::filesystem::path whole = std::filesystem::weakly_canonical(path, error);
    return "sqlite:" + (error ? path : whole).string();
  }
  std::string name = parsed.scheme() + ":" + without_user(parsed.body());
  for (const char* part : {"host", "port", "dbname", "schema"}) {
    if (const auto value = parsed.take_text(part)) name += std::string(" ") + part + "=" + *value;
  }
  return name;
}

}  // namespace holdfast::program
