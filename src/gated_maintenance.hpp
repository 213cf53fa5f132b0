// The upkeep of a backend, as `Memory::maintenance` hands it out.
#pragma once

#include "memory_state.hpp"

namespace holdfast {

// Runs each call in the frame of every other call: refused once the store is closed, waited for by
// `close`, its errors named. Lives as long as the state.
class Memory::State::GatedMaintenance final : public Maintenance {
 public:
  GatedMaintenance(State& state, Maintenance& inner) : state_(state), inner_(inner) {}

  void backup(const std::string& path, const OnProgress& on_progress,
              const Context& context) override {
    state_.call("backup", context,
                [&](CallGate::Pass&) { inner_.backup(path, on_progress, context); });
  }
  void compact(const Context& context) override {
    state_.call("compact", context, [&](CallGate::Pass&) { inner_.compact(context); });
  }
  IntegrityReport check_integrity(const Context& context) override {
    return state_.call("check_integrity", context,
                       [&](CallGate::Pass&) { return inner_.check_integrity(context); });
  }
  void checkpoint(const Context& context) override {
    state_.call("checkpoint", context, [&](CallGate::Pass&) { inner_.checkpoint(context); });
  }

 private:
  State& state_;
  Maintenance& inner_;
};

}  // namespace holdfast
