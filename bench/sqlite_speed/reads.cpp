// Reads: single entries, many at once, and pages of one namespace.
#include <fcntl.h>
#include <unistd.h>

#include <stdexcept>

#include "contestants.hpp"
#include "contests.hpp"
#include "support/contest.hpp"

namespace holdfast::bench {
namespace {

constexpr std::size_t many = 100;
constexpr std::size_t page_entries = 50;
constexpr double seconds = 0.15;
// Before the clock runs: SQLite's own cache is filled, as far as it goes.
constexpr std::size_t calls_to_warm_up = 2'000;
constexpr std::int64_t cold_gets = 500;

void check_all_there(benchmark::State& state, std::size_t seen, std::size_t wanted) {
  if (seen != wanted) state.SkipWithError("entries are missing");
  state.SetItemsProcessed(static_cast<std::int64_t>(seen));
}

template <typename Contestant>
void get(benchmark::State& state, Keys keys, const Size& size) {
  Contestant store(size, Syncs::full);
  const auto asked = addresses(keys, size.entries, state.thread_index());
  std::size_t next = 0;
  std::size_t seen = 0;
  const auto get_next = [&] {
    const auto found = store.get((*asked)[next]);
    next = (next + 1) & (addresses_prepared - 1);
    return found.has_value() ? 1U : 0U;
  };
  for (std::size_t i = 0; i < calls_to_warm_up; ++i) get_next();
  for (auto _ : state) seen += get_next();
  check_all_there(state, seen, static_cast<std::size_t>(state.iterations()));
}

// Lets the system forget what it holds of a file, so that reads come from the disk.
void drop_from_cache(const std::string& path) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) throw std::runtime_error("cannot open " + path);
  ::fdatasync(file);  // Pages that wait to be written stay.
  const int code = ::posix_fadvise(file, 0, 0, POSIX_FADV_DONTNEED);
  ::close(file);
  if (code != 0) throw std::runtime_error("cannot drop " + path + " from the cache");
}

// Cold: a fresh handle, with nothing in SQLite's cache, on a file of which the system's cache holds
// nothing. Pages of the inner nodes get warm as the gets go on. What lies beneath the system (a
// virtual disk's host, the disk itself) may still remember.
template <typename Contestant>
void get_cold(benchmark::State& state, const Size& size) {
  const Files& made = files(size);
  for (const std::string& path : {made.holdfast, made.c_api, made.key_value}) drop_from_cache(path);
  Contestant store(size, Syncs::full);
  // Other entries each time.
  static std::size_t next = 0;
  const auto asked = addresses(Keys::uniform, size.entries, 0);
  std::size_t seen = 0;
  for (auto _ : state) {
    seen += store.get((*asked)[next]).has_value() ? 1U : 0U;
    next = (next + 1) & (addresses_prepared - 1);
  }
  check_all_there(state, seen, static_cast<std::size_t>(state.iterations()));
}

template <typename Contestant>
void get_many(benchmark::State& state, const Size& size) {
  Contestant store(size, Syncs::full);
  const auto asked = addresses(Keys::uniform, size.entries, 0);
  std::size_t next = 0;
  std::size_t seen = 0;
  const auto get_next = [&] {
    const auto found = store.get_many(std::span(*asked).subspan(next, many));
    next += many;
    if (next + many > asked->size()) next = 0;
    return found;
  };
  for (std::size_t i = 0; i < calls_to_warm_up; i += many) get_next();
  for (auto _ : state) seen += get_next();
  check_all_there(state, seen, static_cast<std::size_t>(state.iterations()) * many);
}

enum class Pages : std::uint8_t { by_key, newest };

template <typename Contestant>
void page(benchmark::State& state, Pages pages, const Size& size) {
  Contestant store(size, Syncs::full);
  const auto asked = addresses(Keys::uniform, size.entries, 0);
  std::size_t next = 0;
  std::size_t seen = 0;
  const auto get_next = [&]() -> std::size_t {
    const Address& address = (*asked)[next];
    next = (next + 1) & (addresses_prepared - 1);
    if (pages == Pages::by_key) return store.page_by_key(address, page_entries);
    if constexpr (!std::is_same_v<Contestant, KeyValueByHand>) {
      return store.newest(address, page_entries);
    }
    throw std::logic_error("a plain table of keys and values knows no newest entries");
  };
  for (std::size_t i = 0; i < calls_to_warm_up; i += many) get_next();
  for (auto _ : state) seen += get_next();
  check_all_there(state, seen, static_cast<std::size_t>(state.iterations()) * page_entries);
}

template <typename Contestant>
void register_for(const std::string& name, const Size& size) {
  for (const Keys keys : {Keys::uniform, Keys::zipf}) {
    register_contestant("sqlite/get/" + std::string(to_string(keys)) + '/' + size.text(), name,
                        [=](benchmark::State& state) { get<Contestant>(state, keys, size); })
        ->MinTime(seconds)
        ->Threads(1)
        ->Threads(2);
  }
  register_contestant("sqlite/page/by_key/" + size.text(), name, [=](benchmark::State& state) {
    page<Contestant>(state, Pages::by_key, size);
  })->MinTime(seconds);
  if (size.value_bytes != 200) return;
  register_contestant("sqlite/get_cold/uniform/" + size.text(), name, [=](benchmark::State& state) {
    get_cold<Contestant>(state, size);
  })->Iterations(cold_gets);
  register_contestant("sqlite/get_many_100/uniform/" + size.text(), name,
                      [=](benchmark::State& state) { get_many<Contestant>(state, size); })
      ->MinTime(seconds);
  if (std::is_same_v<Contestant, KeyValueByHand>) return;
  register_contestant("sqlite/page/newest/" + size.text(), name, [=](benchmark::State& state) {
    page<Contestant>(state, Pages::newest, size);
  })->MinTime(seconds);
}

}  // namespace

void register_reads(std::uint64_t entries) {
  for (const std::size_t value_bytes : {200U, 1'000U}) {
    const Size size{entries, value_bytes};
    register_for<Holdfast>("holdfast", size);
    register_for<SameTablesByHand>("c_api", size);
    register_for<KeyValueByHand>("c_api_key_value", size);
  }
}

}  // namespace holdfast::bench
