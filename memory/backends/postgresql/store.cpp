#include "store.hpp"

#include <functional>
#include <utility>

#include "errors.hpp"
#include "schema.hpp"

namespace holdfast::postgresql {

Instants::Instants(std::shared_ptr<Clock> clock) {
  if (clock) clock_ = std::make_shared<MonotonicClock>(std::move(clock));
}

bool Instants::asks_server(const Context& context) const noexcept {
  return !context.instant && clock_ == nullptr;
}

Timestamp Instants::local(const Context& context) const {
  return context.instant ? *context.instant : clock_->now();
}

void Instants::add_to(Arguments& arguments, const Context& context) const {
  if (asks_server(context)) {
    arguments.add_null();
  } else {
    arguments.add(to_ms(local(context)));
  }
  arguments.add(latest_ms_.load());
}

void Instants::saw(std::int64_t ms) noexcept {
  // An injected clock keeps its own order.
  if (clock_ != nullptr) return;
  std::int64_t known = latest_ms_.load();
  while (ms > known && !latest_ms_.compare_exchange_weak(known, ms)) {
  }
}

// Behind a pooler that hands prepared statements of one client to another, a name that stood for
// two texts, as in two schemas, would give another store's entries.
Statement Store::statement(std::string name, std::string_view sql) const {
  std::string text = in_schema(sql, options.schema);
  if (!name.empty()) name += '_' + std::to_string(std::hash<std::string>{}(text));
  return {std::move(name), std::move(text)};
}

Statement Store::binary_statement(std::string name, std::string_view sql) const {
  Statement made = statement(std::move(name), sql);
  made.binary = true;
  return made;
}

void Store::refuse_where_read_only() const {
  if (!options.read_only) return;
  fail(ErrorCode::permission_denied, "the store was opened with read_only=on");
}

void fill_record(Record& record, const Rows& rows, std::size_t row, std::size_t column) {
  record.revision = rows.integer(row, column);
  record.created_revision = rows.integer(row, column + 1);
  record.created_at = to_timestamp(rows.integer(row, column + 2));
  record.updated_at = to_timestamp(rows.integer(row, column + 3));
  record.expires_at.reset();
  if (const auto expires_at = rows.optional_integer(row, column + 4)) {
    record.expires_at = to_timestamp(*expires_at);
  }
}

}  // namespace holdfast::postgresql
