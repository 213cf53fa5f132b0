#include "tenants.hpp"

#include <filesystem>

#include "../../differential/answer.hpp"

namespace holdfast::fault_tests {
namespace {

bool is_mine(const Namespace& ns) { return mine.contains(ns); }

}  // namespace

std::string shown(std::string_view text) {
  return "\"" + differential::printable(text.substr(0, 80)) + "\"";
}

Tenants::Tenants() {
  requests_.push_back(request());
  memory_.emplace(GetParam().open(requests_.front()));
  fill();
  before_ = others();
}

Tenants::~Tenants() {
  memory_.reset();
  for (const auto& request : requests_) {
    if (GetParam().drop) GetParam().drop(request);
  }
}

differential::StoreRequest Tenants::request() {
  differential::StoreRequest request;
  request.folder = folder_.path() / std::to_string(requests_.size());
  std::filesystem::create_directory(request.folder);
  request.clock = clock_;
  request.change_log = true;
  return request;
}

Memory Tenants::open_another() {
  requests_.push_back(request());
  return Memory(GetParam().open(requests_.back()));
}

void Tenants::reopen() {
  if (!GetParam().persists) return;
  memory_.reset();
  memory_.emplace(GetParam().open(requests_.front()));
}

void Tenants::fill() {
  WriteBatch batch;
  for (const char* ns : {"theirs", "theirs/deep", "min", "mine!", "mine0", "mine%25", ""}) {
    for (const char* key : {"secret", "k", "%", "'"}) {
      batch.set(ns, key, MemoryValue::map({{"text", std::string("a secret of ") + ns}, {"n", 1}}));
    }
  }
  memory().write(batch);
  if (memory().capabilities().search) {
    memory().configure_search("theirs", SearchConfig::texts({"text"}));
  }
}

Tenants::View Tenants::others() {
  View view;
  MemoryQuery query;
  query.scope = {Namespace(), true};
  memory().scan(query, [&](const ScanRow& row) {
    Entry entry;
    entry.ns = Namespace(row.address.ns);
    entry.key = row.address.key;
    entry.value = row.take_value();
    entry.revision = row.record.revision;
    entry.created_revision = row.record.created_revision;
    if (!is_mine(entry.ns)) view.entries.push_back(std::move(entry));
    return true;
  });
  for (const Namespace& ns : memory().list_namespaces({.limit = 10'000}).namespaces) {
    if (!is_mine(ns)) view.namespaces.emplace_back(ns.text());
  }
  if (!memory().capabilities().search) return view;
  for (const SearchConfiguration& each : memory().search_configurations()) {
    if (is_mine(each.ns)) continue;
    view.configurations.push_back(std::string(each.ns.text()) + " " +
                                  std::string(each.config.to_value().json_text()));
  }
  for (const SearchHit& hit : memory().search({.scope = {"theirs", true}, .text = "secret"}).hits) {
    view.found.push_back(std::string(hit.entry.ns.text()) + ":" + hit.entry.key + " " +
                         std::to_string(hit.score));
  }
  return view;
}

void Tenants::expect_others_untouched(const std::string& what) {
  const View now = others();
  EXPECT_EQ(now.entries.size(), before_.entries.size()) << what;
  EXPECT_EQ(now.namespaces, before_.namespaces) << what;
  EXPECT_EQ(now.configurations, before_.configurations) << what;
  EXPECT_EQ(now.found, before_.found) << what;
  EXPECT_TRUE(now == before_) << what;
}

void Tenants::expect_mine(const std::vector<Entry>& entries, const std::string& what) {
  for (const Entry& entry : entries) {
    EXPECT_TRUE(is_mine(entry.ns)) << what << " gives " << entry.ns.text() << ":" << entry.key;
  }
}

}  // namespace holdfast::fault_tests
