// The vectors of entries, and which are awaited, as a write transaction changes them.
#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "connection.hpp"
#include "holdfast/entry.hpp"

namespace holdfast::sqlite {

// Lives as long as its connection. For one thread at a time. Its statements are prepared when they
// are first needed, so that a store without vectors pays nothing for them.
class VectorWriter {
 public:
  explicit VectorWriter(Connection& connection) noexcept;
  ~VectorWriter();

  // Whether an entry has a vector, or one is awaited.
  [[nodiscard]] bool has(std::int64_t namespace_id, Revision created);
  // A vector of the entry is to be made.
  void await(std::int64_t namespace_id, Revision created);
  // Puts a vector of unit length, where the entry has one or one is awaited; says whether that was
  // so.
  bool put(std::int64_t namespace_id, Revision created, std::span<const float> unit);
  // The vector, or that it is awaited. Whether there was either.
  bool forget(std::int64_t namespace_id, Revision created);
  void forget_all(std::int64_t namespace_id);
  // Those of no entry, and vectors of another length.
  void forget_damaged(std::int64_t namespace_id, int dimensions);

 private:
  struct Statements;
  [[nodiscard]] Statements& statements();

  Connection& connection_;
  std::unique_ptr<Statements> statements_;
};

}  // namespace holdfast::sqlite
