// What a search asks the engine for.
#pragma once

#include <cstdint>
#include <string_view>

#include "connection.hpp"
#include "search/block_codec.hpp"
#include "search/document_changes.hpp"

namespace holdfast::sqlite {

struct IndexStatements {
  explicit IndexStatements(const Connection& connection)
      : blocks(connection.prepare("SELECT data FROM search_block WHERE namespace_id = ?1 AND "
                                  "term = ?2 ORDER BY first")),
        expired(connection.prepare("SELECT namespace_id, key FROM entry INDEXED BY entry_by_expiry "
                                   "WHERE expires_at <= ?1")),
        created(connection.prepare(
            "SELECT created_revision FROM entry WHERE namespace_id = ?1 AND key = ?2")) {}

  // Adds what a namespace has of a term.
  template <typename List>
  void read(std::int64_t namespace_id, std::string_view term, List& to) {
    const Using use(blocks);
    blocks.bind(1, namespace_id).bind(2, term);
    while (blocks.step()) search::decode(blocks.blob(0), to);
  }

  Statement blocks;
  Statement expired;
  Statement created;
};

}  // namespace holdfast::sqlite
