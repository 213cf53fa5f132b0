#include "index_writer.hpp"

#include <algorithm>
#include <optional>
#include <string>

namespace holdfast::sqlite {

#define HOLDFAST_SQLITE_BLOCKS_OF_TERM \
  "SELECT first, data FROM search_block WHERE namespace_id = ?1 AND term = ?2 "

IndexWriter::IndexWriter(Connection& connection)
    : connection_(connection),
      last_block_(connection.prepare(HOLDFAST_SQLITE_BLOCKS_OF_TERM "ORDER BY first DESC LIMIT 1")),
      block_at_(connection.prepare(HOLDFAST_SQLITE_BLOCKS_OF_TERM
                                   "AND first <= ?3 ORDER BY first DESC LIMIT 1")),
      block_after_(connection.prepare(HOLDFAST_SQLITE_BLOCKS_OF_TERM
                                      "AND first > ?3 ORDER BY first LIMIT 1")),
      put_block_(
          connection.prepare("INSERT OR REPLACE INTO search_block (namespace_id, term, first, data)"
                             " VALUES (?1, ?2, ?3, ?4)")),
      erase_block_(connection.prepare(
          "DELETE FROM search_block WHERE namespace_id = ?1 AND term = ?2 AND first = ?3")),
      erase_blocks_(connection.prepare("DELETE FROM search_block WHERE namespace_id = ?1")) {}

#undef HOLDFAST_SQLITE_BLOCKS_OF_TERM

// The blocks of one namespace.
class IndexWriter::Blocks final : public search::BlockSource {
 public:
  Blocks(IndexWriter& writer, std::int64_t namespace_id) noexcept
      : writer_(writer), namespace_id_(namespace_id) {}

  [[nodiscard]] std::optional<Found> find(std::string_view term, Revision at) override {
    // What is appended goes to the last block, so that one look is mostly enough.
    std::optional<search::IndexBlock> block = block_of(writer_.last_block_, term, std::nullopt);
    if (!block) return std::nullopt;
    if (block->first <= at) return Found{std::move(*block), std::nullopt};
    block = block_of(writer_.block_at_, term, at);
    if (!block) block = block_of(writer_.block_after_, term, at);
    const auto next = block_of(writer_.block_after_, term, std::max(at, block->first));
    return Found{std::move(*block), next ? std::optional(next->first) : std::nullopt};
  }

 private:
  [[nodiscard]] std::optional<search::IndexBlock> block_of(Statement& statement,
                                                           std::string_view term,
                                                           std::optional<Revision> at) const {
    const Using use(statement);
    statement.bind(1, namespace_id_).bind(2, term);
    if (at) statement.bind(3, *at);
    if (!statement.step()) return std::nullopt;
    return search::IndexBlock{statement.integer(0), std::string(statement.blob(1))};
  }

  IndexWriter& writer_;
  const std::int64_t namespace_id_;
};

void IndexWriter::write() {
  for (const auto& [namespace_id, changes] : changes_) {
    Blocks blocks(*this, namespace_id);
    for (const search::BlockChange& change : changes.plan(blocks)) apply(namespace_id, change);
  }
  changes_.clear();
}

void IndexWriter::apply(std::int64_t namespace_id, const search::BlockChange& change) {
  const bool is_replaced =
      change.erased_first && std::ranges::any_of(change.written, [&](const auto& block) {
        return block.first == *change.erased_first;
      });
  if (change.erased_first && !is_replaced) {
    erase_block_.bind(1, namespace_id).bind(2, change.term).bind(3, *change.erased_first).run();
  }
  for (const search::IndexBlock& block : change.written) {
    put_block_.bind(1, namespace_id).bind(2, change.term).bind(3, block.first);
    put_block_.bind_blob(4, block.data).run();
  }
}

void IndexWriter::erase_blocks(std::int64_t namespace_id) {
  erase_blocks_.bind(1, namespace_id).run();
}

void IndexWriter::put_configuration(const search::StoredConfiguration& stored) {
  Statement put = connection_.prepare(
      "INSERT OR REPLACE INTO search_configuration (path, config, version, stale) "
      "VALUES (?1, ?2, ?3, ?4)");
  put.bind(1, stored.ns).bind(2, stored.config).bind(3, stored.version);
  put.bind(4, std::int64_t{stored.stale}).run();
}

void IndexWriter::erase_configuration(std::string_view ns) {
  Statement erase = connection_.prepare("DELETE FROM search_configuration WHERE path = ?1");
  erase.bind(1, ns).run();
}

bool IndexWriter::mark_stale(std::string_view ns) {
  Statement mark = connection_.prepare(
      "UPDATE search_configuration SET stale = 1 WHERE path = ?1 AND stale = 0");
  mark.bind(1, ns).run();
  return sqlite3_changes(connection_.handle()) > 0;
}

}  // namespace holdfast::sqlite
