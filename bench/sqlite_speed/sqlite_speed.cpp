// What the SQLite store costs beside statements by hand on the same tables, and beside a plain
// table of keys and values. Files are made as they are asked for, in the folder
// HOLDFAST_BENCH_FOLDER or in a temporary one; run it for one size at a time:
// `--benchmark_filter=sqlite/.*/1000000/`.
#include "contests.hpp"
#include "support/run_contests.hpp"

int main(int argc, char** argv) {
  using namespace holdfast::bench;
  return run_contests(argc, argv, [] {
    for (const std::uint64_t entries : {10'000U, 100'000U, 1'000'000U, 10'000'000U}) {
      register_reads(entries);
      register_writes(entries);
      register_opening(entries);
    }
    register_filling();
    register_conversations();
  });
}
