// Lets writes pass, until somebody has to have the stores to themselves.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <mutex>

#include "holdfast/context.hpp"

namespace holdfast::mirror {

// Who closes it goes before those that come later, however many they are.
class WriteGate {
 public:
  // Held during a write. Waits while the gate is closed; throws as `Context::check` does.
  class Pass {
   public:
    Pass(WriteGate& gate, const Context& context) : gate_(gate) { gate_.enter(context); }
    ~Pass() { gate_.leave(); }
    Pass(const Pass&) = delete;
    Pass& operator=(const Pass&) = delete;

   private:
    WriteGate& gate_;
  };

  // Keeps the gate closed; made when all writes that had passed are over.
  class Closure {
   public:
    Closure(WriteGate& gate, const Context& context) : gate_(gate) { gate_.close(context); }
    ~Closure() { gate_.open(); }
    Closure(const Closure&) = delete;
    Closure& operator=(const Closure&) = delete;

   private:
    WriteGate& gate_;
  };

 private:
  void enter(const Context& context);
  void leave() noexcept;
  void close(const Context& context);
  void open() noexcept;
  template <typename Done>
  void wait(std::unique_lock<std::mutex>& lock, const Context& context, const Done& done);

  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::size_t passed_ = 0;
  bool closed_ = false;
};

}  // namespace holdfast::mirror
