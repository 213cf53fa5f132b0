#include "kill_fixture.hpp"

#include "holdfast/diff.hpp"
#include "holdfast/digest.hpp"

namespace holdfast::migration_tests {
namespace {

using namespace std::chrono_literals;

constexpr int entries = 50;
// No chain of kills needs as many: one that does goes in circles.
constexpr int runs_max = 1000;
// What a killed run said of what the destination remembered.
constexpr const char* remembering = ", remembering ";
constexpr const char* remembers_nothing = ", remembering nothing";

std::string key_name(int number) { return "key" + std::to_string(number); }

Namespace namespace_of(int number) {
  return Namespace(number % 3 == 0 ? "users/a" : number % 3 == 1 ? "users/b/chat" : "other");
}

MemoryValue value_of(int number) {
  if (number % 4 == 0) return MemoryValue(number);
  if (number % 4 == 1) return MemoryValue(0.5 * number);
  if (number % 4 == 2) return MemoryValue(std::string(300, 'v'));
  return MemoryValue::map({{"number", number}, {"text", "x\"y\n"}});
}

}  // namespace

void MigrationKillTest::SetUp() {
  source_ = stores_.url(GetParam().from, "source", GetParam().change_log ? "&change_log=on" : "");
  fill_source();
}

Memory MigrationKillTest::open_store(const std::string& url) const {
  return open(url, {.clock = clock_});
}

void MigrationKillTest::fill_source() {
  Memory memory = open_store(source_);
  for (int i = 0; i < entries; ++i) {
    SetOptions options;
    if (i % 5 == 0) options.ttl = Ttl(i % 10 == 0 ? 1h : 24h);
    // In another order than that by key.
    const int number = i * 7 % entries;
    memory.set(namespace_of(number), key_name(number), value_of(i), options);
    clock_->advance(1ms);
  }
  for (int i = 0; i < entries; i += 4) {
    memory.set(namespace_of(i), key_name(i), "updated", {.keep_ttl = true});
    clock_->advance(1ms);
  }
  for (int i = 3; i < entries; i += 10) memory.erase(namespace_of(i), key_name(i));
  memory.set("other", "expired", 1, {.ttl = Ttl(1ms)});
  clock_->advance(1s);
}

void MigrationKillTest::change_source() {
  Memory memory = open_store(source_);
  clock_->advance(2h);  // Over the shorter deadlines.
  for (int i = 1; i < entries; i += 6) memory.set(namespace_of(i), key_name(i), -i);
  for (int i = 4; i < entries; i += 9) memory.erase(namespace_of(i), key_name(i));
  for (int i = 0; i < 8; ++i) {
    memory.set("later", key_name(i), i, {.ttl = Ttl(1h)});
    clock_->advance(1ms);
  }
  // Of these the destination never hears but as a removal.
  for (int i = 0; i < 4; ++i) memory.set("passing", key_name(i), i);
  memory.clear(Scope{"passing", true});
  memory.set(namespace_of(4), key_name(4), "here again");
  clock_->advance(1s);
}

std::string MigrationKillTest::new_destination(const std::string& name) {
  const std::string url = stores_.url(GetParam().to, name);
  if (!GetParam().in_use) return url;
  // As old as the oldest of the source's, so that some of these are newer and some are older.
  const auto clock = std::make_shared<ManualClock>();
  Memory memory = open(url, {.clock = clock});
  for (int i = 0; i < entries; i += 8) {
    memory.set(namespace_of(i), key_name(i), "theirs, older");
    memory.set(namespace_of(i), "theirs" + key_name(i), "theirs alone");
  }
  clock->advance(30min);
  for (int i = 4; i < entries; i += 8) {
    memory.set(namespace_of(i), key_name(i), "theirs, newer");
  }
  return url;
}

MoveArguments MigrationKillTest::arguments(const std::string& destination) const {
  MoveArguments arguments{source_, destination};
  arguments.clock_ms = clock_->now().time_since_epoch().count();
  arguments.batch = batch;
  arguments.policy = GetParam().in_use ? "newer" : "fail";
  return arguments;
}

std::optional<MemoryValue> MigrationKillTest::run(const MoveArguments& given) {
  Driver driver(given.words());
  driver.wait();
  if (driver.was_killed()) {
    ++kills_;
    last_point_ = driver.said("killed").value();
    points_.insert(last_point_);
    return std::nullopt;
  }
  if (!driver.succeeded()) throw std::runtime_error("the move failed: " + driver.text());
  return MemoryValue::parse(driver.said("result").value());
}

MemoryValue MigrationKillTest::move_undisturbed(const std::string& destination) {
  return run(arguments(destination)).value();
}

MemoryValue MigrationKillTest::move_with_kills(const std::string& destination, int first_point) {
  MoveArguments killed = arguments(destination);
  killed.side = "destination";
  killed.point = 1;
  std::string remembered = remembers_nothing;
  for (int number = 1; number <= runs_max; ++number) {
    if (auto told = run(killed)) return *told;
    ++killed.point;
    const std::string now = last_point_.substr(last_point_.find(remembering));
    if (now == remembered || now == remembers_nothing) continue;
    remembered = now;
    killed.point = first_point;
  }
  throw std::runtime_error("a killed move comes to no end, killed " + last_point_);
}

MemoryValue MigrationKillTest::move_with_kills_at_source(const std::string& destination, int step) {
  MoveArguments killed = arguments(destination);
  killed.side = "source";
  for (int number = 0; number < runs_max; ++number) {
    killed.point = 1 + number * step;
    if (auto told = run(killed)) return *told;
  }
  throw std::runtime_error("a move killed at its source comes to no end");
}

MemoryValue MigrationKillTest::move_with_kills_from_outside(const std::string& destination,
                                                            std::size_t lines) {
  for (int number = 1; number <= runs_max; ++number) {
    Driver driver(arguments(destination).words());
    // A bit later each few times, since the last lines are those of reading.
    const auto more = static_cast<std::size_t>(number / 4);
    if (driver.read_lines(lines + more)) driver.kill();
    driver.wait();
    if (const auto told = driver.said("result")) return MemoryValue::parse(*told);
    if (!driver.was_killed()) throw std::runtime_error("the move failed: " + driver.text());
    ++kills_;
  }
  throw std::runtime_error("a move killed from outside comes to no end");
}

Values outcome(const MemoryValue& told) {
  Values values;
  for (const char* name : {"keeps_revisions", "copied", "erased", "bytes", "skipped", "overwritten",
                           "position", "verified", "digest"}) {
    values[{"", name}] = std::string(told.find(name).value().json_text());
  }
  return values;
}

void MigrationKillTest::expect_same(const std::string& destination, const MemoryValue& told,
                                    const std::string& undisturbed,
                                    const MemoryValue& undisturbed_told) {
  EXPECT_EQ(outcome(told), outcome(undisturbed_told));
  EXPECT_TRUE(told.find("verified")->get<bool>());
  Memory killed = open_store(destination);
  Memory expected = open_store(undisturbed);
  EXPECT_EQ(digest(killed), digest(expected));
  EXPECT_TRUE(diff(killed, expected, {}, {}).same());
  for (const OrderBy order : {OrderBy::created, OrderBy::updated}) {
    EXPECT_EQ(without_revisions(entries_of(killed, order)),
              without_revisions(entries_of(expected, order)));
  }
  expect_sound(killed);
}

void MigrationKillTest::expect_moved(const std::string& destination) {
  Memory source = open_store(source_);
  Memory moved = open_store(destination);
  if (!GetParam().in_use) {
    EXPECT_EQ(entries_of(moved), entries_of(source)) << "with their revisions";
    EXPECT_EQ(digest(moved), digest(source));
    EXPECT_TRUE(diff(source, moved, {}, {}).same());
    return;
  }
  const auto is_theirs = [](const std::optional<Entry>& entry) {
    return entry && entry->value.json_text().starts_with("\"theirs");
  };
  static_cast<void>(diff(source, moved, {}, [&](const Difference& difference) {
    EXPECT_TRUE(is_theirs(difference.right))
        << to_string(difference.kind) << " "
        << (difference.left ? difference.left->key : difference.right->key);
    return true;
  }));
}

}  // namespace holdfast::migration_tests
