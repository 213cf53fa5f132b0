#include "support/workload.hpp"

#include <cmath>
#include <random>
#include <stdexcept>

namespace holdfast::bench {
namespace {

std::string padded(std::uint64_t number, std::size_t width) {
  const std::string digits = std::to_string(number);
  return std::string(width > digits.size() ? width - digits.size() : 0, '0') + digits;
}

// The mixing step of SplitMix64 (Steele, Lea and Flood, OOPSLA 2014).
std::uint64_t mixed(std::uint64_t x) noexcept {
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
  x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
  return x ^ (x >> 31);
}

class Zipf {
 public:
  explicit Zipf(std::uint64_t entries) : entries_(static_cast<double>(entries)) {
    for (std::uint64_t i = 1; i <= entries; ++i) {
      zeta_ += 1.0 / std::pow(static_cast<double>(i), exponent);
    }
    const double zeta_2 = 1.0 + std::pow(0.5, exponent);
    alpha_ = 1.0 / (1.0 - exponent);
    eta_ = (1.0 - std::pow(2.0 / entries_, 1.0 - exponent)) / (1.0 - zeta_2 / zeta_);
  }

  [[nodiscard]] std::uint64_t rank(double uniform) const {
    const double position = uniform * zeta_;
    if (position < 1.0) return 0;
    if (position < 1.0 + std::pow(0.5, exponent)) return 1;
    const double rank = entries_ * std::pow(eta_ * uniform - eta_ + 1.0, alpha_);
    return static_cast<std::uint64_t>(std::fmin(rank, entries_ - 1.0));
  }

 private:
  static constexpr double exponent = 0.99;
  double entries_;
  double zeta_ = 0;
  double alpha_ = 0;
  double eta_ = 0;
};

}  // namespace

std::string_view to_string(Keys keys) noexcept {
  return keys == Keys::uniform ? "uniform" : "zipf";
}

std::vector<std::uint32_t> picks(Keys keys, std::uint64_t entries, std::size_t count,
                                 std::uint64_t seed) {
  std::mt19937_64 random(seed);
  std::vector<std::uint32_t> picked;
  picked.reserve(count);
  if (keys == Keys::uniform) {
    std::uniform_int_distribution<std::uint32_t> any(0, static_cast<std::uint32_t>(entries - 1));
    for (std::size_t i = 0; i < count; ++i) picked.push_back(any(random));
    return picked;
  }
  const Zipf zipf(entries);
  std::uniform_real_distribution<double> uniform(0.0, 1.0);
  for (std::size_t i = 0; i < count; ++i) {
    picked.push_back(static_cast<std::uint32_t>(mixed(zipf.rank(uniform(random)) + 1) % entries));
  }
  return picked;
}

std::string namespace_text(std::uint64_t entry) {
  return "agents/" + padded(entry / entries_of_namespace, 9);
}

std::string key_text(std::uint64_t entry) {
  const std::string start = "conversation/message/";
  return start + padded(entry, address_bytes - namespace_text(0).size() - 1 - start.size());
}

std::string whole_key(std::uint64_t entry) { return namespace_text(entry) + '/' + key_text(entry); }

std::string value_text(std::size_t bytes, std::uint64_t version) {
  std::string text = R"({"content":")";
  const std::string end = R"(","role":"user","version":)" + std::to_string(version) + "}";
  if (bytes < text.size() + end.size()) throw std::invalid_argument("a value of too few bytes");
  // Different text in different values, as real ones have.
  std::uint64_t word = mixed(version + 1);
  while (text.size() + end.size() < bytes) {
    if (word < 64) word = mixed(version + text.size());
    text += "etaoin shrdlu cmfwypvbgkqjxz ETAOIN SHRDLU 0123456789.,;:-_()!?/"[word % 64];
    word /= 64;
  }
  return text + end;
}

}  // namespace holdfast::bench
