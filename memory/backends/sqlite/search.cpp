// Searching, and configuring namespaces for it.
#include <functional>

#include "reading.hpp"

namespace holdfast::sqlite {

void SqliteBackend::writing_alone(const Context& context,
                                  const std::function<void(WriteTransaction&)>& body) {
  check_usable(context);
  refuse_where_read_only();
  try {
    queue_->run_alone(context, [&](Writer& writer) { writer.transact(context, body); });
  } catch (...) {
    rethrow_translated("writing");
  }
}

std::vector<SearchConfiguration> SqliteBackend::configurations(const Context& context) {
  return reading(context, [&](Reader& reader) { return reader.search_configurations(catalogs_); });
}

bool SqliteBackend::configure(const Namespace& ns, const SearchConfig* config,
                              const Context& context) {
  bool changed = false;
  writing_alone(context, [&](WriteTransaction& transaction) {
    changed = transaction.configure_search(ns, config, context);
  });
  return changed;
}

std::uint64_t SqliteBackend::reindex(const Namespace& ns, const Context& context) {
  std::uint64_t entries = 0;
  writing_alone(context,
                [&](WriteTransaction& transaction) { entries = transaction.reindex(ns, context); });
  return entries;
}

void SqliteBackend::search(const SearchRequest& request, const RankedSink& sink,
                           const Context& context) {
  const Timestamp instant = now(context);
  reading(context,
          [&](Reader& reader) { reader.search(request, sink, catalogs_, instant, context); });
}

SearchCheck SqliteBackend::check(const Namespace& ns, const Context& context) {
  return reading(context,
                 [&](Reader& reader) { return reader.check_search(ns, catalogs_, context); });
}

}  // namespace holdfast::sqlite
