#include "samples.hpp"

#include <linux/perf_event.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>

namespace holdfast::bench {

std::optional<std::uint64_t> percentile(std::vector<std::uint64_t> values, std::size_t percent) {
  if (values.empty()) return std::nullopt;
  const std::size_t rank = (values.size() * percent + 99) / 100;
  const auto at = values.begin() + static_cast<std::ptrdiff_t>(std::max<std::size_t>(rank, 1) - 1);
  std::nth_element(values.begin(), at, values.end());
  return *at;
}

InstructionCounter::InstructionCounter() {
  perf_event_attr wanted{};
  wanted.size = sizeof(wanted);
  wanted.type = PERF_TYPE_HARDWARE;
  wanted.config = PERF_COUNT_HW_INSTRUCTIONS;
  wanted.disabled = 1;
  wanted.exclude_kernel = 1;
  wanted.exclude_hv = 1;
  // Negative where the machine or the system has no such counter.
  descriptor_ = static_cast<int>(::syscall(SYS_perf_event_open, &wanted, 0, -1, -1, 0));
}

InstructionCounter::~InstructionCounter() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

void InstructionCounter::start() {
  if (descriptor_ < 0) return;
  ::ioctl(descriptor_, PERF_EVENT_IOC_RESET, 0);
  ::ioctl(descriptor_, PERF_EVENT_IOC_ENABLE, 0);
}

std::optional<std::uint64_t> InstructionCounter::stop() {
  if (descriptor_ < 0) return std::nullopt;
  ::ioctl(descriptor_, PERF_EVENT_IOC_DISABLE, 0);
  std::uint64_t counted = 0;
  if (::read(descriptor_, &counted, sizeof(counted)) != sizeof(counted)) return std::nullopt;
  return counted;
}

bool Sampler::wants_more() const {
  if (calls_ >= most_) return false;
  return calls_ < least || std::chrono::steady_clock::now() - began_ < longest;
}

}  // namespace holdfast::bench
