// The core knows no backend, and opens what a user registers.
#include <holdfast/error.hpp>
#include <holdfast/open.hpp>
#include <holdfast/value.hpp>

int main() {
  const auto value = holdfast::MemoryValue::parse(R"({"a":[1,2.5,"x"]})");
  try {
    (void)holdfast::BackendRegistry{}.open("nowhere:");
  } catch (const holdfast::Error&) {
    return value.json_text() == R"({"a":[1,2.5,"x"]})" ? 0 : 1;
  }
  return 1;
}
