#include "workload.hpp"

#include <stdexcept>

namespace holdfast::migration_tests {
namespace {

constexpr unsigned keys = 40;

void require(bool holds, const char* what) {
  if (!holds) throw std::runtime_error(what);
}

}  // namespace

Workload::Workload(int number)
    : number_(number),
      own_("writers/" + std::to_string(number)),
      random_(static_cast<unsigned>(number)) {}

std::string Workload::any_key() { return "key" + std::to_string(random_() % keys); }

void Workload::step(Memory& memory) {
  ++steps_;
  switch (random_() % 10) {
    case 0:
    case 1:
    case 2:
      memory.set(own_, any_key(), steps_);
      break;
    case 3:
    case 4:
      memory.erase(own_, any_key());
      break;
    case 5:
      memory.set(own_, any_key(), std::string(300, 'x'), {.ttl = Ttl(std::chrono::hours(9))});
      break;
    case 6:
      write_batch(memory);
      break;
    case 7:
      compare_and_set(memory);
      break;
    case 8:
      memory.touch(own_, any_key(), Ttl(std::chrono::hours(5)));
      break;
    default:
      fill_and_clear(memory);
  }
  memory.increment(counters, std::to_string(random_() % 3), steps_ % 7);
}

void Workload::write_batch(Memory& memory) {
  const std::string gone = any_key();
  WriteBatch batch;
  batch.set(own_, any_key(), steps_).erase(own_, gone).set(own_, gone, -steps_);
  batch.increment(counters, "batches", 1).erase(own_, any_key());
  require(memory.write(batch).applied, "a batch without conditions was not applied");
}

// Nobody else writes to its own entries: what it has read still holds.
void Workload::compare_and_set(Memory& memory) {
  const std::string key = any_key();
  const auto there = memory.get_entry(own_, key);
  SetOptions options;
  options.precondition =
      there ? Precondition::if_revision(there->revision) : Precondition::if_absent();
  const WriteResult result = memory.set(own_, key, "compared " + std::to_string(steps_), options);
  require(result.applied(), "an entry changed under its only writer");
}

void Workload::fill_and_clear(Memory& memory) {
  const Namespace small(std::string(own_.text()) + "/small");
  for (int i = 0; i < 3; ++i) memory.set(small, any_key(), i);
  if (random_() % 2 == 0) memory.clear({small, true});
}

}  // namespace holdfast::migration_tests
