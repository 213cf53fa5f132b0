#include "holdfast/message_id.hpp"

#include <algorithm>
#include <cstdio>
#include <exception>
#include <random>
#include <utility>

#include "holdfast/error.hpp"

namespace holdfast {
namespace {

std::uint64_t random_of_the_system() try {
  std::random_device device;
  return (std::uint64_t{device()} << 32) | device();
} catch (const std::exception& error) {
  throw Error(ErrorCode::unavailable, "the operating system gives no random numbers", {},
              error.what());
}

constexpr unsigned counter_bits = 12;
constexpr std::uint64_t counter_mask = (std::uint64_t{1} << counter_bits) - 1;

}  // namespace

MessageIdSource::MessageIdSource(std::shared_ptr<Clock> clock, Random random)
    : clock_(std::move(clock)), random_(random ? std::move(random) : random_of_the_system) {}

std::string MessageIdSource::next() {
  const auto now_ms = static_cast<std::uint64_t>(clock_->now().time_since_epoch().count());
  std::uint64_t ordered = 0;
  std::uint64_t random = 0;
  {
    const std::lock_guard lock(mutex_);
    last_ = std::max(last_ + 1, now_ms << counter_bits);
    ordered = last_;
    random = random_();
  }
  const std::uint64_t ms = ordered >> counter_bits;
  char text[37];
  std::snprintf(text, sizeof text, "%08x-%04x-7%03x-%04x-%012llx",
                static_cast<unsigned>(ms >> 16 & 0xffff'ffff), static_cast<unsigned>(ms & 0xffff),
                static_cast<unsigned>(ordered & counter_mask),
                static_cast<unsigned>(0x8000 | (random >> 48 & 0x3fff)),
                static_cast<unsigned long long>(random & 0xffff'ffff'ffff));
  return text;
}

const std::shared_ptr<MessageIdSource>& message_ids() {
  static const auto source = std::make_shared<MessageIdSource>();
  return source;
}

}  // namespace holdfast
