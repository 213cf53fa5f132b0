// Opens a store of a backend of one's own by URL, and uses it like any other.
#include <iostream>

#include "holdfast/open.hpp"
#include "map_backend.hpp"

int main() {
  holdfast::BackendRegistry registry;
  registry.add("map", [](holdfast::StoreUrl url, const holdfast::OpenOptions& options) {
    url.refuse_rest({});
    return std::make_unique<example::MapBackend>(options.clock ? options.clock
                                                               : holdfast::system_clock());
  });

  holdfast::Memory memory = registry.open("map:");
  memory.set("users/42", "name", "Ann");
  memory.increment("users/42", "visits");
  memory.transaction([](holdfast::Transaction& transaction) {
    transaction.set("users/42", "greeted", transaction.exists("users/42", "name"));
  });

  holdfast::MemoryQuery query;
  query.scope = {"users", true};
  for (const holdfast::Entry& entry : memory.query(query).entries) {
    std::cout << entry.ns.text() << ' ' << entry.key << " = " << entry.value.json_text() << '\n';
  }
  return memory.count(query) == 3 ? 0 : 1;
}
