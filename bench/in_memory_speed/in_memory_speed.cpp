// What the in-memory store costs beside containers by hand. Run it for one contest and size at a
// time, since each holds its data: `--benchmark_filter=in_memory/get/.*/1000000/`.
#include "contests.hpp"
#include "support/run_contests.hpp"

int main(int argc, char** argv) {
  using namespace holdfast::bench;
  return run_contests(argc, argv, [] {
    for (const std::uint64_t entries : {10'000U, 100'000U, 1'000'000U, 10'000'000U}) {
      register_points(entries);
      register_evicting(entries);
      register_pages(entries);
      register_resident_bytes(entries);
    }
    register_conversations();
  });
}
