#include <holdfast/in_memory.hpp>

int main() {
  holdfast::Memory memory = holdfast::open_in_memory();
  memory.set(holdfast::Namespace{}, "answer", 42);
  return memory.get(holdfast::Namespace{}, "answer") == holdfast::MemoryValue(42) ? 0 : 1;
}
