// The server, and tables that are filled alike.
#pragma once

#include <holdfast/memory.hpp>
#include <string>

namespace holdfast::bench {

// Started when it is first asked for, with the settings of a new cluster but for more memory and
// the time between checkpoints. From any thread.
[[nodiscard]] std::string server_url();
std::string execute(const std::string& sql);
// The store in a schema.
[[nodiscard]] Memory open_in(const std::string& schema);

// A store of so many entries, and the same in a table for libpq.
class Place {
 public:
  Place(std::size_t value_bytes, std::uint64_t entries);
  [[nodiscard]] Memory& memory() { return memory_; }
  // Of the table for libpq.
  [[nodiscard]] const std::string& schema() const { return raw_schema_; }
  // What new_entry_namespace() made goes again.
  void remove_new_entries();

 private:
  void fill(std::size_t value_bytes, std::uint64_t entries);

  std::string schema_;
  std::string raw_schema_;
  Memory memory_;
};

// Made when it is first asked for. From any thread.
[[nodiscard]] Place& place(std::size_t value_bytes, std::uint64_t entries);

// Another root than that of the entries which are there from the beginning.
inline constexpr const char* new_root = "newest";
[[nodiscard]] std::string new_entry_namespace(std::uint64_t entry);

}  // namespace holdfast::bench
