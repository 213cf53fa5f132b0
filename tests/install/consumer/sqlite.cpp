#include <filesystem>
#include <holdfast/sqlite.hpp>

int main() {
  std::filesystem::remove("consumer.db");
  holdfast::Memory memory = holdfast::open_sqlite({.path = "consumer.db"});
  memory.set(holdfast::Namespace{}, "answer", 42);
  return memory.get(holdfast::Namespace{}, "answer") == holdfast::MemoryValue(42) ? 0 : 1;
}
