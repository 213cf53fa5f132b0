#include "files.hpp"

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <holdfast/sqlite.hpp>
#include <map>
#include <mutex>
#include <stdexcept>
#include <tuple>

#include "by_hand.hpp"
#include "support/temporary_folder.hpp"

namespace holdfast::bench {
namespace {

namespace fs = std::filesystem;
constexpr std::size_t filled_at_once = 1'000;

const TemporaryFolder& folder() {
  const char* const given = std::getenv("HOLDFAST_BENCH_FOLDER");
  static const TemporaryFolder made(given != nullptr ? fs::path(given) : fs::temp_directory_path());
  return made;
}

void fill(const std::string& path, const Size& size) {
  Memory memory = open_sqlite({.path = path, .durability = SqliteDurability::normal});
  WriteBatch batch;
  for (std::uint64_t entry = 0; entry < size.entries; ++entry) {
    const Address address = address_of(entry);
    batch.set(address.ns, address.key, MemoryValue::parse(value_text(size.value_bytes, entry)));
    if (batch.size() < filled_at_once && entry + 1 < size.entries) continue;
    memory.write(batch);
    batch.clear();
  }
  memory.close();
}

void fill_key_value(const std::string& path, const Size& size) {
  by_hand::KeyValue::create(path);
  by_hand::KeyValue store(path, false);
  std::vector<Address> batch;
  std::vector<std::string> texts;
  for (std::uint64_t entry = 0; entry < size.entries; ++entry) {
    batch.push_back(address_of(entry));
    texts.push_back(value_text(size.value_bytes, entry));
    if (batch.size() < filled_at_once && entry + 1 < size.entries) continue;
    store.set_many(batch, texts);
    batch.clear();
    texts.clear();
  }
}

Files make(const Size& size) {
  Files files{holdfast_file(size), new_file(), new_file()};
  fs::copy_file(files.holdfast, files.c_api);
  fill_key_value(files.key_value, size);
  return files;
}

}  // namespace

const std::string& holdfast_file(const Size& size) {
  static std::mutex mutex;
  static std::map<Size, std::string> made;
  const std::lock_guard lock(mutex);
  std::string& path = made[size];
  if (!path.empty()) return path;
  const std::string filled = new_file();
  fill(filled, size);
  return path = filled;
}

const Files& files(const Size& size) {
  static std::mutex mutex;
  static std::map<Size, Files> made;
  const std::lock_guard lock(mutex);
  const auto found = made.find(size);
  if (found != made.end()) return found->second;
  return made.emplace(size, make(size)).first->second;
}

std::string new_file() {
  static std::atomic<int> number{0};
  return folder().file("new-" + std::to_string(++number) + ".db");
}

Address address_of(std::uint64_t entry) {
  return {Namespace(namespace_text(entry)), key_text(entry)};
}

std::shared_ptr<const std::vector<Address>> addresses(Keys keys, std::uint64_t entries,
                                                      int thread) {
  using Made = std::shared_ptr<const std::vector<Address>>;
  static std::mutex mutex;
  static std::map<std::tuple<Keys, std::uint64_t, int>, Made> made;
  const std::lock_guard lock(mutex);
  Made& slot = made[{keys, entries, thread}];
  if (slot != nullptr) return slot;
  std::vector<Address> list;
  list.reserve(addresses_prepared);
  const auto seed = static_cast<std::uint64_t>(thread) + 1;
  for (const std::uint32_t entry : picks(keys, entries, addresses_prepared, seed)) {
    list.push_back(address_of(entry));
  }
  slot = std::make_shared<const std::vector<Address>>(std::move(list));
  return slot;
}

std::vector<std::string> new_texts(std::size_t value_bytes, std::size_t count) {
  static std::atomic<std::uint64_t> version{1'000'000'000};
  std::vector<std::string> texts;
  texts.reserve(count);
  for (std::size_t i = 0; i < count; ++i) texts.push_back(value_text(value_bytes, ++version));
  return texts;
}

}  // namespace holdfast::bench
