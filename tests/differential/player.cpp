#include "player.hpp"

#include <algorithm>
#include <filesystem>

namespace holdfast::differential {

using conformance::DrawnPrecondition;

Player::Player(const StoreUnderTest& store, StoreRequest request)
    : store_(store), request_(std::move(request)) {
  std::filesystem::create_directories(request_.folder);
  memory_ = std::make_shared<Memory>(store_.open(request_));
}

Player::Player(const StoreUnderTest& store, StoreRequest request, std::shared_ptr<Memory> memory)
    : store_(store), request_(std::move(request)), memory_(std::move(memory)), owns_(false) {}

Player::~Player() {
  memory_.reset();
  if (!owns_) return;
  if (store_.drop) store_.drop(request_);
  std::error_code ignored;  // What stays behind lies in the folder for temporary files.
  std::filesystem::remove_all(request_.folder, ignored);
}

Answer Player::answer(const Step& step) {
  Answer answer;
  try {
    step.perform(*this, answer);
  } catch (const Error& error) {
    answer.add_error(error, !step.store_words_errors);
  } catch (const std::exception& exception) {
    answer.add("throws what is no holdfast::Error", exception.what());
  }
  removals_.insert(answer.removals().begin(), answer.removals().end());
  greatest_revision_ = std::max(greatest_revision_, answer.greatest_revision());
  return answer;
}

HandleCounters Player::counters() {
  const HandleCounters now = memory_->stats().counters;
  return {earlier_.hits + now.hits, earlier_.misses + now.misses, earlier_.writes + now.writes};
}

void Player::reopen() {
  if (!store_.persists || !owns_) return;
  earlier_ = counters();
  memory_.reset();
  memory_ = std::make_shared<Memory>(store_.open(request_));
}

Precondition Player::precondition(const conformance::RandomOp& op) {
  switch (op.drawn) {
    case DrawnPrecondition::if_absent:
      return Precondition::if_absent();
    case DrawnPrecondition::if_present:
      return Precondition::if_present();
    case DrawnPrecondition::if_current: {
      const auto live = memory_->get_entry(Namespace(op.place.first), op.place.second);
      return Precondition::if_revision(live ? live->revision : 0);
    }
    case DrawnPrecondition::if_never:
      return Precondition::if_revision(conformance::RandomInputs::never_given);
    case DrawnPrecondition::none:
      break;
  }
  return {};
}

}  // namespace holdfast::differential
