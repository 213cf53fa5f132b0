#include "holdfast/mirror.hpp"

#include <utility>

#include "mirror_backend.hpp"
#include "mirror_state.hpp"

namespace holdfast {

Mirror::Mirror(std::unique_ptr<Backend> source, std::unique_ptr<Backend> destination,
               MirrorOptions options)
    : state_(
          std::make_shared<State>(std::move(source), std::move(destination), std::move(options))) {}

Mirror::Mirror(Mirror&&) noexcept = default;
Mirror& Mirror::operator=(Mirror&&) noexcept = default;
Mirror::~Mirror() = default;

Memory Mirror::memory() { return Memory(std::make_unique<mirror::MirrorBackend>(state_)); }

MigrationResult Mirror::copy(const Context& context) {
  const std::lock_guard lock(state_->moving);
  if (state_->is_cut_over()) return state_->moved;
  // Taken first: what falls behind from here on is found by comparing, or remembered anew.
  const bool was_unknown = state_->behind.unknown();
  const bool verify = state_->options.migration.verify || was_unknown;
  MigrationResult result = state_->migrate(true, verify, context);
  state_->catch_up(context);
  return result;
}

std::uint64_t Mirror::catch_up(const Context& context) {
  state_->catch_up(context);
  return state_->behind.size();
}

MigrationResult Mirror::cut_over(const CutOverOptions& options, const Context& context) {
  State& state = *state_;
  const std::lock_guard lock(state.moving);
  if (state.is_cut_over()) return state.moved;
  // Most of it while nobody waits.
  static_cast<void>(state.migrate(true, false, context));
  state.catch_up(context);

  const mirror::WriteGate::Closure closure(state.gate, context);
  state.catch_up(context);
  const bool verify = options.verify || state.behind.unknown();
  MigrationResult result = state.migrate(false, verify, context);
  if (verify && !result.verified) {
    throw Error(ErrorCode::failed_precondition,
                "the two sides are not equal, though nothing was written through the mirror: does "
                "somebody else write to one of them? Calls still go to the source");
  }
  state.behind.compared_all();
  state.moved = result;
  state.cut_over = true;
  return result;
}

MirrorStatus Mirror::status() const {
  return {state_->is_cut_over(), state_->mirrored.load(), state_->behind.size(),
          state_->behind.unknown(), state_->last_failure()};
}

}  // namespace holdfast
