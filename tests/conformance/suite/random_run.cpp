#include "random_run.hpp"

#include <algorithm>
#include <array>

#include "expectations.hpp"

namespace holdfast::conformance {
namespace {

constexpr std::array namespaces_drawn{"", "a", "a/b", "a!", "users/42", "users/421", "users/42/c"};
constexpr std::array keys_drawn{"", "k", "k1", "k2", "kk", "a::b", "K", "\xc3\xa9", "%", "*x", "z"};
constexpr std::array patterns_drawn{"", "", "", "k*", "?", "*1", "k?", "\\*x", "*k*", "%"};

std::string text_of(const std::optional<Record>& record) {
  if (!record) return "nothing";
  return std::string(record->value.json_text().substr(0, 100)) + " (created " +
         std::to_string(record->created_revision) + ", revision " +
         std::to_string(record->revision) + ")";
}

}  // namespace

bool RevisionPairs::agree(Revision model, Revision real) {
  const auto [position, is_new] = pairs_.try_emplace(model, real);
  if (!is_new) return position->second == real;
  const auto next = std::next(position);
  const bool fits =
      std::prev(position)->second < real && (next == pairs_.end() || real < next->second);
  if (!fits) pairs_.erase(position);
  return fits;
}

std::optional<Revision> RevisionPairs::real(Revision model) const {
  const auto it = pairs_.find(model);
  if (it == pairs_.end()) return std::nullopt;
  return it->second;
}

Revision RevisionPairs::greatest_real() const { return pairs_.rbegin()->second; }

RandomRun::RandomRun(const BackendUnderTest& backend, StoreRequest request,
                     std::shared_ptr<ManualClock> clock, std::uint64_t seed)
    : backend_(backend),
      request_(std::move(request)),
      clock_(std::move(clock)),
      random_(seed),
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
  constexpr std::size_t total = [] {
    std::size_t sum = 0;
    for (const Weighted& each : weighted) sum += each.weight;
    return sum;
  }();
  if (backend_.persists() && chance(4000)) reopen();
  std::size_t drawn = draw(total);
  for (const Weighted& each : weighted) {
    if (drawn < each.weight) return (this->*each.operation)();
    drawn -= each.weight;
  }
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

Namespace RandomRun::random_namespace() { return namespaces_drawn[draw(namespaces_drawn.size())]; }
std::string RandomRun::random_key() { return keys_drawn[draw(keys_drawn.size())]; }
RandomRun::Place RandomRun::random_place() {
  const Namespace ns = random_namespace();
  return {std::string(ns.text()), random_key()};
}

Scope RandomRun::random_scope() {
  Scope scope{random_namespace(), chance(2)};
  if (chance(8)) scope.ns = "users";
  return scope;
}

std::optional<Ttl> RandomRun::random_ttl() {
  if (!chance(3)) return std::nullopt;
  return Ttl(std::chrono::milliseconds(1 + draw(30)));
}

RandomRun::DrawnPrecondition RandomRun::random_precondition(const Place& place) {
  switch (draw(8)) {
    case 0:
      return {Precondition::if_absent(), Precondition::if_absent()};
    case 1:
      return {Precondition::if_present(), Precondition::if_present()};
    case 2: {
      const auto live = model_.get(place, now());
      const auto real = live ? revisions_.real(live->revision) : std::nullopt;
      if (!real) return {Precondition::if_revision(0), Precondition::if_revision(0)};
      return {Precondition::if_revision(*real), Precondition::if_revision(live->revision)};
    }
    case 3: {  // One that was never given.
      constexpr Revision never = std::int64_t{1} << 60;
      return {Precondition::if_revision(never), Precondition::if_revision(never)};
    }
    default:
      return {};
  }
}

MemoryQuery RandomRun::random_query(RandomFilter& filter) {
  MemoryQuery query = query_of(random_scope(), static_cast<OrderBy>(draw(3)),
                               static_cast<Direction>(draw(2)), 1 + draw(12));
  if (chance(4)) query.key_prefix = chance(2) ? "k" : random_key();
  if (chance(3)) query.key_pattern = patterns_drawn[draw(patterns_drawn.size())];
  if (chance(3)) filter = RandomFilter::draw(random_);
  query.filter = filter.filter();
  const auto some_time = [&] { return now() - std::chrono::milliseconds(draw(200)); };
  if (chance(8)) query.created.from = some_time();
  if (chance(8)) query.created.until = some_time();
  if (chance(8)) query.updated.from = some_time();
  if (chance(8)) query.updated.until = some_time();
  return query;
}

}  // namespace holdfast::conformance
