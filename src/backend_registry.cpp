#include <algorithm>

#include "holdfast/open.hpp"

namespace holdfast {

void BackendRegistry::add(std::string scheme, Factory factory) {
  // A URL with nothing but the scheme tells whether the scheme can be written at all.
  if (StoreUrl(scheme + ":").scheme() != scheme) {
    throw_invalid_argument("\"" + scheme + "\" is not a scheme");
  }
  if (!factories_.emplace(scheme, std::move(factory)).second) {
    throw_invalid_argument("the scheme \"" + scheme + "\" is taken");
  }
}

Memory BackendRegistry::open(std::string_view url, const OpenOptions& options) const {
  return Memory(open_backend(url, options));
}

std::unique_ptr<Backend> BackendRegistry::open_backend(std::string_view url,
                                                       const OpenOptions& options) const {
  StoreUrl parsed(url);
  const auto found = factories_.find(parsed.scheme());
  if (found == factories_.end()) {
    std::string known;
    for (const std::string& scheme : schemes()) {
      known += known.empty() ? "" : ", ";
      known += scheme + ":";
    }
    throw_invalid_argument("unknown scheme \"" + parsed.scheme() + ":\"; known are " + known);
  }
  try {
    return found->second(std::move(parsed), options);
  } catch (const Error& error) {
    throw error.with_origin({found->first, "open"});
  }
}

std::vector<std::string> BackendRegistry::schemes() const {
  std::vector<std::string> names;
  names.reserve(factories_.size());
  for (const auto& [scheme, factory] : factories_) names.push_back(scheme);
  return names;
}

}  // namespace holdfast
