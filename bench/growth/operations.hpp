// The calls whose cost is measured as a store grows.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "holdfast/memory.hpp"
#include "samples.hpp"

namespace holdfast::bench {

// The machine's clock, which can be set forward, so that entries expire.
class ForwardClock final : public Clock {
 public:
  [[nodiscard]] Timestamp now() override {
    return system_clock()->now() + std::chrono::milliseconds(ahead_.load());
  }
  void forward(std::chrono::milliseconds by) { ahead_ += by.count(); }

 private:
  std::atomic<std::int64_t> ahead_{0};
};

// A store of so many entries, those of workload.hpp in the order of their numbers.
struct Grown {
  Memory* memory = nullptr;
  ForwardClock* clock = nullptr;
  std::uint64_t entries = 0;
};

void load(Memory& memory, std::uint64_t from, std::uint64_t until);

struct Operation {
  std::string name;
  // Leaves the store as it was but for what was overwritten.
  std::function<Samples(Grown&)> sample;
};

[[nodiscard]] std::vector<Operation> operations();

}  // namespace holdfast::bench
