#include "vector_writer.hpp"

#include <string>

#include "search/vector_cache.hpp"

namespace holdfast::sqlite {

struct VectorWriter::Statements {
  explicit Statements(const Connection& connection)
      : find(connection.prepare("SELECT 1 FROM search_vector WHERE namespace_id = ?1 AND "
                                "created_revision = ?2")),
        // The row gets another id, by which those who keep vectors learn of it.
        put(connection.prepare("INSERT OR REPLACE INTO search_vector (namespace_id, "
                               "created_revision, vector) VALUES (?1, ?2, ?3)")),
        erase(connection.prepare("DELETE FROM search_vector WHERE namespace_id = ?1 AND "
                                 "created_revision = ?2")),
        erase_all(connection.prepare("DELETE FROM search_vector WHERE namespace_id = ?1")),
        erase_damaged(connection.prepare(
            "DELETE FROM search_vector WHERE namespace_id = ?1 AND (length(vector) <> ?2 OR "
            "NOT EXISTS (SELECT 1 FROM entry e WHERE e.namespace_id = ?1 AND "
            "e.created_revision = search_vector.created_revision))")) {}

  Statement find;
  Statement put;
  Statement erase;
  Statement erase_all;
  Statement erase_damaged;
};

VectorWriter::VectorWriter(Connection& connection) noexcept : connection_(connection) {}
VectorWriter::~VectorWriter() = default;

VectorWriter::Statements& VectorWriter::statements() {
  if (statements_ == nullptr) statements_ = std::make_unique<Statements>(connection_);
  return *statements_;
}

bool VectorWriter::has(std::int64_t namespace_id, Revision created) {
  Using find(statements().find);
  find->bind(1, namespace_id).bind(2, created);
  return find->step();
}

void VectorWriter::await(std::int64_t namespace_id, Revision created) {
  statements().put.bind(1, namespace_id).bind(2, created).bind(3, nullptr).run();
}

bool VectorWriter::put(std::int64_t namespace_id, Revision created, std::span<const float> unit) {
  const std::string bytes = search::encode_vector(unit);
  if (!forget(namespace_id, created)) return false;
  statements().put.bind(1, namespace_id).bind(2, created).bind_blob(3, bytes).run();
  return true;
}

bool VectorWriter::forget(std::int64_t namespace_id, Revision created) {
  statements().erase.bind(1, namespace_id).bind(2, created).run();
  return sqlite3_changes(connection_.handle()) > 0;
}

void VectorWriter::forget_all(std::int64_t namespace_id) {
  statements().erase_all.bind(1, namespace_id).run();
}

void VectorWriter::forget_damaged(std::int64_t namespace_id, int dimensions) {
  const auto bytes = static_cast<std::int64_t>(sizeof(float)) * dimensions;
  statements().erase_damaged.bind(1, namespace_id).bind(2, bytes).run();
}

}  // namespace holdfast::sqlite
