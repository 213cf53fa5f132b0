// Histories of texts, for what keeps an index of them.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <random>
#include <string>
#include <vector>

#include "expectations.hpp"
#include "holdfast/memory.hpp"

namespace holdfast::conformance {

// Writes at random to the namespaces `a` and `a/b`.
class RandomTextWriter {
 public:
  RandomTextWriter(Memory& memory, std::uint64_t seed) : memory_(memory), random_(seed) {}

  void step(const std::function<void(std::chrono::milliseconds)>& advance) {
    switch (draw(12)) {
      case 0:
        memory_.erase(ns(), key());
        break;
      case 1:
        static_cast<void>(memory_.take(ns(), key()));
        break;
      case 2:
        memory_.touch(ns(), key(), chance(2) ? std::optional<Ttl>(Ttl(2s)) : std::nullopt);
        break;
      case 3:
        increment();
        break;
      case 4:
        advance(std::chrono::milliseconds(draw(1500)));
        break;
      case 5:
        if (chance(4)) memory_.sweep(1 + draw(3));
        break;
      case 6:
        if (chance(8)) memory_.clear({ns(), chance(2)});
        break;
      case 7:
        if (memory_.capabilities().atomic_scope == AtomicScope::store) batch();
        break;
      default:
        memory_.set(ns(), key(), value(), options());
    }
  }

 private:
  std::size_t draw(std::size_t bound) { return random_() % bound; }
  bool chance(std::size_t one_in) { return draw(one_in) == 0; }
  Namespace ns() { return chance(2) ? Namespace("a") : Namespace("a") / "b"; }
  std::string key() { return std::to_string(draw(8)); }
  SetOptions options() {
    SetOptions options;
    if (chance(3)) options.ttl = Ttl(1s);
    return options;
  }

  MemoryValue value() {
    if (chance(8)) return static_cast<std::int64_t>(draw(5));
    static const std::vector<std::string> words = {"apple",  "apples", "pear",      "plum",
                                                   "quince", "the",    "Is a pear?"};
    std::string text;
    for (std::size_t i = draw(7); i > 0; --i) text += words[draw(words.size())] + " ";
    return text;
  }

  void increment() {
    try {
      memory_.increment(ns(), key());
    } catch (const Error& error) {
      if (error.code() != ErrorCode::failed_precondition) throw;
    }
  }

  void batch() {
    WriteBatch batch;
    for (std::size_t i = 1 + draw(6); i > 0; --i) {
      if (chance(3)) {
        batch.erase(ns(), key());
      } else {
        SetOptions with = options();
        if (chance(4)) with.precondition = Precondition::if_absent();
        batch.set(ns(), key(), value(), with);
      }
    }
    memory_.write(batch);
  }

  Memory& memory_;
  std::mt19937_64 random_;
};

}  // namespace holdfast::conformance
