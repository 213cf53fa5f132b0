// Texts are made terms and ranked, and a store is searched; or refused, as this build cannot.
#include <holdfast/analyzer.hpp>
#include <holdfast/in_memory.hpp>
#include <holdfast/indexed_document.hpp>
#include <holdfast/ranker.hpp>

namespace {

bool finds(holdfast::Memory& memory) {
  const holdfast::Namespace notes("notes");
  memory.configure_search(notes, holdfast::SearchConfig::texts({"text"}));
  memory.set(notes, "1", holdfast::MemoryValue::map({{"text", "two red canoes"}}));
  memory.set(notes, "2", holdfast::MemoryValue::map({{"text", "a bicycle"}}));
  const holdfast::SearchPage page = memory.search({.scope = {notes, false}, .text = "canoe"});
  const holdfast::DocumentIndexer indexer(holdfast::SearchConfig::texts({"text"}));
  const auto indexed = indexer.index(page.hits.at(0).entry.value, {});
  return page.hits.size() == 1 && page.hits[0].entry.key == "1" && indexed.terms.size() == 3;
}

bool refuses(holdfast::Memory& memory) try {
  if (memory.capabilities().search || !holdfast::Analyzer::languages().empty()) return false;
  const holdfast::Analyzer analyzer;
  return false;
} catch (const holdfast::Error& error) {
  return error.code() == holdfast::ErrorCode::unsupported &&
         error.message().find("HOLDFAST_SEARCH") != std::string::npos;
}

}  // namespace

int main() {
  holdfast::Memory memory = holdfast::open_in_memory();
  if (holdfast::Analyzer::is_available() != (EXPECT_SEARCH == 1)) return 1;
  return (EXPECT_SEARCH == 1 ? finds(memory) : refuses(memory)) ? 0 : 1;
}
