// The blocks of the search index, as a write transaction changes them.
#pragma once

#include <cstdint>
#include <map>
#include <string_view>

#include "connection.hpp"
#include "search/document_changes.hpp"
#include "search/search_catalog.hpp"

namespace holdfast::sqlite {

// Lives as long as its connection. For one thread at a time.
class IndexWriter {
 public:
  explicit IndexWriter(Connection& connection);

  // The documents of a namespace that change. They reach the blocks with `write`.
  [[nodiscard]] search::DocumentChanges& changes_of(std::int64_t namespace_id) {
    return changes_[namespace_id];
  }
  void write();
  // Takes back what was not written yet.
  void discard() noexcept { changes_.clear(); }

  void erase_blocks(std::int64_t namespace_id);

  void put_configuration(const search::StoredConfiguration& stored);
  void erase_configuration(std::string_view ns);
  // Notes that somebody wrote who could not maintain the index. Whether nobody had noted it before.
  [[nodiscard]] bool mark_stale(std::string_view ns);

 private:
  class Blocks;
  void apply(std::int64_t namespace_id, const search::BlockChange& change);

  Connection& connection_;
  Statement last_block_;
  Statement block_at_;
  Statement block_after_;
  Statement put_block_;
  Statement erase_block_;
  Statement erase_blocks_;
  std::map<std::int64_t, search::DocumentChanges> changes_;
};

}  // namespace holdfast::sqlite
