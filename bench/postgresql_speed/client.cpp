#include "client.hpp"

#include <endian.h>

#include <array>
#include <chrono>
#include <cstring>
#include <stdexcept>
#include <unordered_map>

#include "place.hpp"

namespace holdfast::bench {
namespace {

constexpr std::int32_t text_oid = 25;
constexpr const char* row_columns =
    "key, value, revision, created_revision, created_at, updated_at, expires_at";
constexpr const char* size_of_row =
    "octet_length(namespace) + octet_length(key) + octet_length(value)";

std::string int64_bytes(std::int64_t number) {
  std::string bytes;
  append_int64(bytes, number);
  return bytes;
}

}  // namespace

void append_int32(std::string& bytes, std::int32_t number) {
  const std::uint32_t sent = htobe32(static_cast<std::uint32_t>(number));
  std::array<char, sizeof sent> raw{};
  std::memcpy(raw.data(), &sent, sizeof sent);
  bytes.append(raw.data(), raw.size());
}

void append_int64(std::string& bytes, std::int64_t number) {
  const std::uint64_t sent = htobe64(static_cast<std::uint64_t>(number));
  std::array<char, sizeof sent> raw{};
  std::memcpy(raw.data(), &sent, sizeof sent);
  bytes.append(raw.data(), raw.size());
}

TextArray::TextArray(std::size_t size) {
  bytes_.reserve(20 + size * 128);
  for (const std::int32_t number : {1, 0, text_oid, static_cast<std::int32_t>(size), 1}) {
    append_int32(bytes_, number);
  }
}

void TextArray::add(std::string_view text) {
  append_int32(bytes_, static_cast<std::int32_t>(text.size()));
  bytes_.append(text);
}

std::string_view text_at(const PGresult* result, int row, int column) {
  return {PQgetvalue(result, row, column),
          static_cast<std::size_t>(PQgetlength(result, row, column))};
}

std::int64_t int64_at(const PGresult* result, int row, int column) {
  std::uint64_t sent = 0;
  std::memcpy(&sent, PQgetvalue(result, row, column), sizeof sent);
  return static_cast<std::int64_t>(be64toh(sent));
}

RowByHand row_at(const PGresult* result, int row) {
  RowByHand made{std::string(text_at(result, row, 0)),
                 std::string(text_at(result, row, 1)),
                 int64_at(result, row, 2),
                 int64_at(result, row, 3),
                 int64_at(result, row, 4),
                 int64_at(result, row, 5),
                 {}};
  if (PQgetisnull(result, row, 6) == 0) made.expires_at = int64_at(result, row, 6);
  return made;
}

std::int64_t now_ms() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

Client::Client(const std::string& schema)
    : connection_(PQconnectdb(server_url().c_str()), &PQfinish), table_(schema + ".entry") {
  if (PQstatus(connection_.get()) != CONNECTION_OK) fail();
  const std::string live = " AND (expires_at IS NULL OR expires_at > $3::bigint)";
  const std::string of_namespace = " FROM " + table_ + " WHERE namespace = $1";
  prepare("get", "SELECT value" + of_namespace + " AND key = $2" + live);
  prepare("get_many",
          std::string("SELECT ") + row_columns + of_namespace + " AND key = ANY ($2)" + live);
  prepare("page", std::string("SELECT ") + row_columns + of_namespace + " AND key > $2" + live +
                      " ORDER BY key LIMIT 50");
  prepare("newest", std::string("SELECT ") + row_columns + of_namespace +
                        " AND (expires_at IS NULL OR expires_at > $2::bigint)"
                        " ORDER BY created_revision DESC LIMIT 50");
  const std::string conflict =
      " ON CONFLICT (namespace, key) DO UPDATE SET value = excluded.value,"
      " size = excluded.size, revision = excluded.revision, updated_at = excluded.updated_at"
      " RETURNING revision";
  const std::string insert = "INSERT INTO " + table_ + " SELECT namespace, key, r, r, now, now," +
                             " NULL, " + size_of_row + ", value FROM (SELECT ";
  const std::string taken = ", nextval('" + schema + ".revision') AS r FROM ";
  prepare("set", insert +
                     "$1::text AS namespace, $2::text AS key, $3::text AS value,"
                     " $4::bigint AS now" +
                     taken + "(SELECT) one) rows" + conflict);
  prepare("set_many", insert + "namespace, key, value, $4::bigint AS now" + taken +
                          "unnest($1::text[], $2::text[], $3::text[]) AS u(namespace, key, value))"
                          " rows" +
                          conflict);
  prepare("take", "SELECT nextval('" + schema + ".revision')");
}

std::optional<std::string> Client::get(std::string_view ns, std::string_view key) {
  const std::string now = int64_bytes(now_ms());
  const std::array<std::string_view, 3> arguments{ns, key, now};
  const Result result = run("get", arguments);
  if (PQntuples(result.get()) == 0) return std::nullopt;
  return std::string(text_at(result.get(), 0, 0));
}

std::vector<std::optional<RowByHand>> Client::get_many(std::string_view ns,
                                                       std::span<const std::string> keys) {
  TextArray array(keys.size());
  std::unordered_map<std::string_view, std::size_t> places;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    array.add(keys[i]);
    places.emplace(keys[i], i);
  }
  const std::string now = int64_bytes(now_ms());
  const std::array<std::string_view, 3> arguments{ns, array.bytes(), now};
  const Result result = run("get_many", arguments);
  std::vector<std::optional<RowByHand>> rows(keys.size());
  for (int i = 0; i < PQntuples(result.get()); ++i) {
    rows[places.at(text_at(result.get(), i, 0))] = row_at(result.get(), i);
  }
  return rows;
}

std::vector<RowByHand> Client::page_by_key(std::string_view ns, std::string_view after) {
  const std::string now = int64_bytes(now_ms());
  const std::array<std::string_view, 3> arguments{ns, after, now};
  const Result result = run("page", arguments);
  std::vector<RowByHand> rows;
  for (int i = 0; i < PQntuples(result.get()); ++i) rows.push_back(row_at(result.get(), i));
  return rows;
}

std::vector<RowByHand> Client::newest(std::string_view ns) {
  const std::string now = int64_bytes(now_ms());
  const std::array<std::string_view, 2> arguments{ns, now};
  const Result result = run("newest", arguments);
  std::vector<RowByHand> rows;
  for (int i = 0; i < PQntuples(result.get()); ++i) rows.push_back(row_at(result.get(), i));
  return rows;
}

std::int64_t Client::set(std::string_view ns, std::string_view key, std::string_view value) {
  const std::string now = int64_bytes(now_ms());
  const std::array<std::string_view, 4> arguments{ns, key, value, now};
  const Result result = run("set", arguments);
  return int64_at(result.get(), 0, 0);
}

std::vector<std::int64_t> Client::set_many(const TextArray& namespaces, const TextArray& keys,
                                           const TextArray& values) {
  const std::string now = int64_bytes(now_ms());
  const std::array<std::string_view, 4> arguments{namespaces.bytes(), keys.bytes(), values.bytes(),
                                                  now};
  const Result result = run("set_many", arguments);
  std::vector<std::int64_t> revisions;
  for (int i = 0; i < PQntuples(result.get()); ++i) {
    revisions.push_back(int64_at(result.get(), i, 0));
  }
  return revisions;
}

std::int64_t Client::take_revisions() { return int64_at(run("take", {}).get(), 0, 0); }

void Client::copy(const std::string& rows) {
  checked(PQexec(connection_.get(), ("COPY " + table_ + " FROM STDIN BINARY").c_str()));
  if (PQputCopyData(connection_.get(), rows.data(), static_cast<int>(rows.size())) != 1 ||
      PQputCopyEnd(connection_.get(), nullptr) != 1) {
    fail();
  }
  while (PGresult* const result = PQgetResult(connection_.get())) checked(result);
}

void Client::prepare(const char* name, const std::string& sql) {
  checked(PQprepare(connection_.get(), name, sql.c_str(), 0, nullptr));
}

Result Client::run(const char* name, std::span<const std::string_view> arguments) {
  constexpr std::size_t most = 4;
  std::array<const char*, most> values{};
  std::array<int, most> lengths{};
  constexpr std::array<int, most> binary{1, 1, 1, 1};
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    values.at(i) = arguments[i].data();
    lengths.at(i) = static_cast<int>(arguments[i].size());
  }
  return checked(PQexecPrepared(connection_.get(), name, static_cast<int>(arguments.size()),
                                values.data(), lengths.data(), binary.data(), 1));
}

Result Client::checked(PGresult* raw) {
  Result result(raw, &PQclear);
  const ExecStatusType status = PQresultStatus(raw);
  if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK && status != PGRES_COPY_IN) fail();
  return result;
}

void Client::fail() { throw std::runtime_error(PQerrorMessage(connection_.get())); }

}  // namespace holdfast::bench
