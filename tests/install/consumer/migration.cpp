// Two stores are compared, on any backend.
#include <holdfast/diff.hpp>
#include <holdfast/digest.hpp>
#include <holdfast/in_memory.hpp>

int main() {
  holdfast::Memory left = holdfast::open_in_memory();
  holdfast::Memory right = holdfast::open_in_memory();
  left.set(holdfast::Namespace{}, "answer", 42);
  const holdfast::DiffSummary summary = holdfast::diff(left, right, {}, {});
  const bool told = holdfast::digest(left).text != holdfast::digest(right).text;
  return summary.only_left == 1 && told ? 0 : 1;
}
