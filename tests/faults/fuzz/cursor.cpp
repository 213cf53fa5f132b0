// Cursors: whatever is given for one is refused with `InvalidArgument`, or is a place in the
// query's own order to go on from (contract, clause 7.2). The first two bytes choose the order, the
// third how the rest is taken: as a cursor, or as the content of one that is forged for the query.
#include "cursor.hpp"

#include <array>
#include <memory>
#include <tuple>
#include <vector>

#include "base64.hpp"
#include "fuzz_input.hpp"
#include "holdfast/in_memory.hpp"

namespace holdfast::fault_tests {
namespace {

// Entries of two tenants, for all the run: queries change nothing.
Memory filled() {
  Memory memory = open_in_memory();
  for (int i = 0; i < 24; ++i) {
    const std::string key = "key" + std::to_string(i * 7 % 24);
    memory.set(i % 3 == 0 ? "mine" : i % 3 == 1 ? "mine/deep" : "theirs", key, i);
  }
  memory.set("mine", "key0", "overwritten");
  return memory;
}

MemoryQuery query_in(FuzzInput& input) {
  MemoryQuery query;
  query.scope = {"mine", true};
  query.order = static_cast<OrderBy>(input.below(3));
  query.direction = static_cast<Direction>(input.below(2));
  query.limit = MemoryQuery::max_limit;
  return query;
}

// A cursor of the query with `content`, a JSON list, in the place of its position.
std::string forged(const MemoryQuery& query, std::string_view content) {
  const std::string real = encode_cursor(text_of(query), {});
  constexpr std::string_view prefix = "hf1-";
  const auto bytes = decode_base64(std::string_view(real).substr(prefix.size()));
  const MemoryValue parts =
      MemoryValue::parse({reinterpret_cast<const char*>(bytes->data()), bytes->size()});
  std::string text = "[" + std::string(parts.at(0)->json_text()) + ",";
  text += std::string(content) + "]";
  return std::string(prefix) + encode_base64(std::as_bytes(std::span(text)));
}

bool comes_after(const Entry& entry, const Position& position, const MemoryQuery& query) {
  const bool down = query.direction == Direction::descending;
  if (query.order == OrderBy::key) {
    const auto at = std::tuple(entry.ns.text(), std::string_view(entry.key));
    const auto bound =
        std::tuple(position.address.ns.text(), std::string_view(position.address.key));
    return down ? at < bound : at > bound;
  }
  const Revision at = query.order == OrderBy::created ? entry.created_revision : entry.revision;
  return down ? at < position.revision : at > position.revision;
}

void check_answer(Memory& memory, MemoryQuery query, const Position& position) {
  const std::string cursor = std::exchange(query.cursor, {});
  std::vector<Entry> wanted = memory.query(query).entries;
  std::erase_if(wanted, [&](const Entry& e) { return !comes_after(e, position, query); });
  query.cursor = cursor;
  expect(memory.query(query).entries == wanted, "a cursor leads elsewhere", cursor);
}

// Fit for the query, it is for no other.
void check_refusal_elsewhere(Memory& memory, const std::string& cursor) {
  NamespaceQuery other;
  other.cursor = cursor;
  expect(!is_taken([&] { static_cast<void>(memory.list_namespaces(other)); }),
         "another kind of query takes it", cursor);
}

// It reads back, however it was written.
Position decoded_again(const std::string& text, const Position& position) {
  const Position again = decode_cursor(text, encode_cursor(text, position));
  expect(again.address == position.address && again.revision == position.revision,
         "a cursor reads back as another");
  return again;
}

}  // namespace
}  // namespace holdfast::fault_tests

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace holdfast;
  using namespace holdfast::fault_tests;
  static Memory memory = filled();
  FuzzInput input(bytes, size);
  MemoryQuery query = query_in(input);
  const bool is_forged = input.below(2) == 1;
  query.cursor = is_forged ? forged(query, input.rest()) : std::string(input.rest());
  if (query.cursor.empty()) return 0;
  Position position;
  const bool decodes = is_taken([&] { position = decode_cursor(text_of(query), query.cursor); });
  if (decodes) {
    check_answer(memory, query, decoded_again(text_of(query), position));
    check_refusal_elsewhere(memory, query.cursor);
  } else {
    expect(!is_taken([&] { static_cast<void>(memory.query(query)); }), "it was taken");
  }
  return 0;
}
