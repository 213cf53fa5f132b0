// A store that is in use is moved.
#include <holdfast/in_memory.hpp>
#include <holdfast/mirror.hpp>

int main() {
  holdfast::Mirror mirror(holdfast::make_in_memory_backend(), holdfast::make_in_memory_backend());
  holdfast::Memory memory = mirror.memory();
  memory.set(holdfast::Namespace{}, "answer", 42);
  return mirror.cut_over().verified && memory.exists(holdfast::Namespace{}, "answer") ? 0 : 1;
}
