// Opening: what it reads must not grow with the entries.
#include <holdfast/sqlite.hpp>
#include <string>

#include "contests.hpp"
#include "files.hpp"
#include "support/contest.hpp"

namespace holdfast::bench {

void register_opening(std::uint64_t entries) {
  register_contestant("sqlite/open/200B/" + std::to_string(entries), "holdfast",
                      [=](benchmark::State& state) {
                        const std::string& path = holdfast_file({entries, 200});
                        for (auto _ : state) {
                          const Memory memory = open_sqlite({.path = path});
                          benchmark::DoNotOptimize(memory.capabilities());
                        }
                        state.SetItemsProcessed(state.iterations());
                      })
      ->Iterations(50);
}

}  // namespace holdfast::bench
