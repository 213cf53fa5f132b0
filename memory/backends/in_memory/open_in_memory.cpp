// Opening an in-memory store by options and by URL.
#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include "holdfast/error.hpp"
#include "holdfast/in_memory.hpp"
#include "holdfast/open.hpp"
#include "in_memory_backend.hpp"

namespace holdfast {
namespace {

constexpr std::string_view quota_form =
    "NAMESPACE:entries=N, NAMESPACE:bytes=N or NAMESPACE:entries=N:bytes=N, with commas between "
    "quotas, and %2C and %3A for commas and colons within a namespace";

std::string replaced(std::string text, std::string_view what, std::string_view with) {
  for (std::size_t at = text.find(what); at != std::string::npos;
       at = text.find(what, at + with.size())) {
    text.replace(at, what.size(), with);
  }
  return text;
}

Quota read_quota(const std::string& text) {
  const std::size_t colon = text.find(':');
  if (colon == std::string::npos) {
    throw_invalid_argument("quota \"" + text +
                           "\" gives no limit; allowed: " + std::string(quota_form));
  }
  Quota quota;
  // Canonical text has no escapes but %25 and %2F, so that these two are free.
  quota.subtree = replaced(replaced(text.substr(0, colon), "%2C", ","), "%3A", ":");
  std::string limits = text.substr(colon + 1);
  std::replace(limits.begin(), limits.end(), ':', '&');
  StoreUrl fields("quota:?" + limits);
  quota.max_entries = fields.take_number("entries");
  quota.max_bytes = fields.take_bytes("bytes");
  fields.refuse_rest({"entries", "bytes"});
  return quota;
}

std::vector<Quota> read_quotas(const std::string& text) {
  std::vector<Quota> quotas;
  std::size_t begin = 0;
  while (begin <= text.size()) {
    const std::size_t comma = std::min(text.find(',', begin), text.size());
    quotas.push_back(read_quota(text.substr(begin, comma - begin)));
    begin = comma + 1;
  }
  return quotas;
}

InMemoryOptions options_of(StoreUrl url, const OpenOptions& beside) {
  InMemoryOptions options;
  if (!url.body().empty()) {
    throw_invalid_argument("a store in memory has no place: nothing may stand between \"" +
                           url.scheme() + ":\" and \"?\", but \"" + url.body() + "\" does");
  }
  options.max_entries = url.take_number("max_entries");
  options.max_bytes = url.take_bytes("max_bytes");
  options.max_value_bytes = url.take_bytes("max_value_bytes").value_or(options.max_value_bytes);
  constexpr Eviction choices[] = {Eviction::none, Eviction::lru, Eviction::s3fifo};
  options.eviction = choices[url.take_choice("eviction", {"none", "lru", "s3fifo"}).value_or(0)];
  options.change_log = url.take_bool("change_log").value_or(false);
  if (const auto quotas = url.take_text("quota")) options.quotas = read_quotas(*quotas);
  url.refuse_rest(
      {"max_entries", "max_bytes", "max_value_bytes", "eviction", "change_log", "quota"});
  options.clock = beside.clock;
  return options;
}

}  // namespace

std::unique_ptr<Backend> make_in_memory_backend(const InMemoryOptions& options) {
  return std::make_unique<in_memory::InMemoryBackend>(options);
}

Memory open_in_memory(const InMemoryOptions& options) {
  return Memory(make_in_memory_backend(options));
}

void register_in_memory(BackendRegistry& registry) {
  registry.add("memory", [](StoreUrl url, const OpenOptions& beside) {
    return make_in_memory_backend(options_of(std::move(url), beside));
  });
}

}  // namespace holdfast
