#include "random_run.hpp"

#include <algorithm>
#include <array>

#include "expectations.hpp"

namespace holdfast::conformance {
namespace {

std::string text_of(const std::optional<Record>& record) {
  if (!record) return "nothing";
  return std::string(record->value.json_text().substr(0, 100)) + " (created " +
         std::to_string(record->created_revision) + ", revision " +
         std::to_string(record->revision) + ")";
}

}  // namespace

RandomRun::RandomRun(const BackendUnderTest& backend, StoreRequest request,
                     std::shared_ptr<ManualClock> clock, std::uint64_t seed)
    : backend_(backend),
      request_(std::move(request)),
      clock_(std::move(clock)),
      inputs_(seed),
      store_(backend_.open(request_)) {}

std::optional<std::string> RandomRun::run(std::size_t operations) {
  for (std::size_t i = 0; i < operations; ++i) {
    try {
      doing_.clear();
      step();
    } catch (const Difference& difference) {
      return "step " + std::to_string(i) + ", " + doing_ + ": " + difference.text;
    } catch (const std::exception& exception) {
      return "step " + std::to_string(i) + ", " + doing_ + ": threw " + exception.what();
    }
  }
  return std::nullopt;
}

void RandomRun::step() {
  struct Weighted {
    std::size_t weight;
    void (RandomRun::*operation)();
  };
  static constexpr std::array weighted{
      Weighted{30, &RandomRun::set},        Weighted{16, &RandomRun::read},
      Weighted{8, &RandomRun::increment},   Weighted{5, &RandomRun::touch},
      Weighted{3, &RandomRun::update},      Weighted{9, &RandomRun::batch},
      Weighted{5, &RandomRun::transaction}, Weighted{4, &RandomRun::get_many},
      Weighted{6, &RandomRun::query},       Weighted{1, &RandomRun::top},
      Weighted{4, &RandomRun::count},       Weighted{1, &RandomRun::clear},
      Weighted{2, &RandomRun::namespaces},  Weighted{2, &RandomRun::stats},
      Weighted{2, &RandomRun::changes},     Weighted{1, &RandomRun::restore},
      Weighted{1, &RandomRun::sweep},       Weighted{8, &RandomRun::move_clock},
  };
  if (backend_.persists() && chance(4000)) reopen();
  (this->*inputs_.weighted(weighted).operation)();
}

bool RandomRun::both(const std::function<void()>& real, const std::function<void()>& expected) {
  std::optional<ErrorCode> expected_code;
  try {
    expected();
  } catch (const Refused& refused) {
    expected_code = refused.code;
  }
  const std::optional<Error> error = error_of([&] {
    real();
    return 0;
  });
  if (error && !expected_code) throw Difference{std::string("threw ") + error->what()};
  if (!error && expected_code) {
    throw Difference{"returned instead of throwing " + std::string(to_string(*expected_code))};
  }
  if (error) expect_equal(to_string(error->code()), to_string(*expected_code), "the error");
  return !error;
}

void RandomRun::compare_revision(Revision real, Revision expected) {
  if (revisions_.agree(expected, real)) return;
  throw Difference{"revision " + std::to_string(real) + " cannot stand for the model's " +
                   std::to_string(expected) + " (known as " +
                   testing::PrintToString(revisions_.real(expected)) + ")"};
}

void RandomRun::compare_record(const Record& real, const Record& expected) {
  const auto ms = [](Timestamp t) { return t.time_since_epoch().count(); };
  if (real.value != expected.value || real.value.kind() != expected.value.kind()) {
    throw Difference{"holds " + text_of(real) + ", expected " + text_of(expected)};
  }
  compare_revision(real.created_revision, expected.created_revision);
  compare_revision(real.revision, expected.revision);
  expect_equal(ms(real.created_at), ms(expected.created_at), "created_at");
  expect_equal(ms(real.updated_at), ms(expected.updated_at), "updated_at");
  expect_equal(real.expires_at.has_value(), expected.expires_at.has_value(), "having a deadline");
  if (real.expires_at) expect_equal(ms(*real.expires_at), ms(*expected.expires_at), "the deadline");
}

void RandomRun::compare_entry(const std::optional<Entry>& real,
                              const std::optional<Record>& expected) {
  if (real.has_value() != expected.has_value()) {
    throw Difference{"found " + text_of(real) + ", expected " + text_of(expected)};
  }
  if (real) compare_record(*real, *expected);
}

void RandomRun::compare_result(const WriteResult& real, const WriteResult& expected) {
  expect_equal(static_cast<int>(real.status), static_cast<int>(expected.status), "the status");
  if (expected.status != WriteStatus::absent) compare_revision(real.revision, expected.revision);
  expect_equal(real.number, expected.number, "the number");
  if (expected.status == WriteStatus::unmet) return;
  expect_equal(real.previous.has_value(), expected.previous.has_value(), "having a record before");
  if (real.previous) compare_record(*real.previous, *expected.previous);
}

Precondition RandomRun::in_model(const RandomOp& op) const {
  switch (op.drawn) {
    case DrawnPrecondition::if_absent:
      return Precondition::if_absent();
    case DrawnPrecondition::if_present:
      return Precondition::if_present();
    case DrawnPrecondition::if_current: {
      const auto live = model_.get(op.place, now());
      const bool is_known = live && revisions_.real(live->revision);
      return Precondition::if_revision(is_known ? live->revision : 0);
    }
    case DrawnPrecondition::if_never:
      return Precondition::if_revision(RandomInputs::never_given);
    case DrawnPrecondition::none:
      break;
  }
  return {};
}

Precondition RandomRun::in_store(const RandomOp& op) const {
  Precondition precondition = in_model(op);
  if (const auto real = revisions_.real(precondition.revision)) precondition.revision = *real;
  return precondition;
}

}  // namespace holdfast::conformance
