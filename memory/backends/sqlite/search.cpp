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

std::uint64_t SqliteBackend::put_vectors(std::span<const VectorRow> vectors,
                                         const Context& context) {
  const Timestamp instant = now(context);
  std::uint64_t kept = 0;
  writing(context, false, [&](WriteTransaction& transaction) {
    kept = transaction.put_vectors(vectors, instant);
    return true;
  });
  return kept;
}

void SqliteBackend::without_vector(const Scope& scope, const EntrySink& sink,
                                   const Context& context) {
  const Timestamp instant = now(context);
  reading(context,
          [&](Reader& reader) { reader.without_vector(scope, sink, catalogs_, instant, context); });
}

void SqliteBackend::vectors(const Scope& scope, const VectorSink& sink, const Context& context) {
  const Timestamp instant = now(context);
  reading(context,
          [&](Reader& reader) { reader.vectors(scope, sink, catalogs_, instant, context); });
}

void SqliteBackend::nearest(const VectorRequest& request, const RankedSink& sink,
                            const Context& context) {
  const Timestamp instant = now(context);
  reading(context, [&](Reader& reader) {
    reader.nearest(request, sink, catalogs_, vectors_, instant, context);
  });
}

}  // namespace holdfast::sqlite
