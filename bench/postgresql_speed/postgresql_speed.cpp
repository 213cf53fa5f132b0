// What the PostgreSQL store costs beside libpq by hand: prepared statements with binary arguments
// and results, on a table of the same columns and indexes, in the same server, which flushes what
// it commits. Run it for one size at a time, since each holds its data:
// `--benchmark_filter=/10000/`.
#include "contests.hpp"
#include "support/run_contests.hpp"

int main(int argc, char** argv) {
  using namespace holdfast::bench;
  return run_contests(argc, argv, [] {
    for (const std::uint64_t entries : {10'000U, 100'000U, 1'000'000U}) {
      register_reads(entries);
      register_writes(entries);
    }
    register_conversations();
  });
}
