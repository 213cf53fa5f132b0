// Clause 3.6: the texts that the library keeps beside the entries.
#include <atomic>
#include <charconv>

#include "concurrent.hpp"
#include "expectations.hpp"
#include "restore_steps.hpp"
#include "suite_links.hpp"

namespace holdfast::conformance {

HOLDFAST_CONFORMANCE_LINK(note)
HOLDFAST_CONFORMANCE_SUITE_MAY_BE_EMPTY(NoteConformance);
HOLDFAST_CONFORMANCE_SUITE_MAY_BE_EMPTY(LastingNoteConformance);

namespace {

void put_note(Memory& memory, const std::string& name, const std::string& text) {
  RestoreSteps().note(name, text).restore_to(memory);
}

int number_in(const std::optional<std::string>& text) {
  int number = 0;
  if (text) std::from_chars(text->data(), text->data() + text->size(), number);
  return number;
}

}  // namespace

TEST_P(NoteConformance, ANoteComesBackUntilAnotherTakesItsPlace) {
  HOLDFAST_CLAUSE("3.6");
  EXPECT_EQ(memory().note("n"), std::nullopt);
  put_note(memory(), "n", "one");
  EXPECT_EQ(memory().note("n"), "one");
  put_note(memory(), "n", "two");
  EXPECT_EQ(memory().note("n"), "two");
  put_note(memory(), "n", "");
  EXPECT_EQ(memory().note("n"), std::nullopt);
  put_note(memory(), "n", "");
  put_note(memory(), "n", "three");
  EXPECT_EQ(memory().note("n"), "three");
}

TEST_P(NoteConformance, NotesStandByTheirNames) {
  HOLDFAST_CLAUSE("3.6");
  const std::vector<std::string> names{
      "a", "A", "a/b", "a%", "'; --", "\xc3\xa9", " ", std::string(Note::max_name_bytes, 'x')};
  for (const std::string& name : names) put_note(memory(), name, "of " + name);
  put_note(memory(), "large", std::string(Note::max_text_bytes, 't'));
  for (const std::string& name : names) EXPECT_EQ(memory().note(name), "of " + name);
  EXPECT_EQ(memory().note("large")->size(), Note::max_text_bytes);
  EXPECT_EQ(memory().note("b"), std::nullopt);
  EXPECT_TRUE(is_refused_as_invalid([&] { return memory().note(""); }));
}

TEST_P(NoteConformance, NotesAreNoPartOfTheEntries) {
  HOLDFAST_CLAUSE("3.6");
  memory().set("a", "k", 1);
  const std::vector<Entry> entries = everything(memory());
  const MemoryStats stats = memory().stats();
  put_note(memory(), "n", "text");
  EXPECT_EQ(everything(memory()), entries);
  EXPECT_EQ(memory().count(below({})), 1U);
  EXPECT_EQ(listed(memory()), std::vector<std::string>{"a"});
  EXPECT_EQ(all_changes(memory()).size(), 1U);
  EXPECT_EQ(memory().stats().entries, stats.entries);
  EXPECT_EQ(memory().stats().bytes, stats.bytes);
  EXPECT_EQ(memory().stats().namespaces, stats.namespaces);
  EXPECT_EQ(memory().stats().limited_bytes, stats.limited_bytes);
  memory().clear(below({}));
  EXPECT_EQ(memory().note("n"), "text");
}

TEST_P(NoteConformance, ABatchThatIsRefusedLeavesTheOldNote) {
  HOLDFAST_CLAUSE("3.6");
  put_note(memory(), "n", "old");
  memory().set("a", "k", 1);
  RestoreSteps kept(RestoreRevisions::keep);  // In vain: the store was written to.
  kept.put("a", "2", old_record(1, clock().now(), 900, 900)).note("n", "new");
  EXPECT_TRUE(throws(ErrorCode::failed_precondition, [&] { return kept.restore_to(memory()); }));
  RestoreSteps only_a_note(RestoreRevisions::keep);
  only_a_note.note("n", "");
  EXPECT_TRUE(
      throws(ErrorCode::failed_precondition, [&] { return only_a_note.restore_to(memory()); }));
  EXPECT_EQ(memory().note("n"), "old");
  EXPECT_EQ(memory().count(below({})), 1U);
}

TEST_P(NoteConformance, ANoteIsWrittenWhateverBecomesOfTheSteps) {
  HOLDFAST_CLAUSE("3.6");
  RestoreSteps steps;
  steps.put("a", "k", old_record(1, clock().now()), Precondition::if_present()).note("n", "text");
  EXPECT_EQ(steps.restore_to(memory()), Statuses{RestoreStatus::unmet});
  EXPECT_EQ(memory().note("n"), "text");
}

TEST_P(NoteConformance, ANoteIsSeenWithItsEntriesAndNoEarlierConcurrent) {
  HOLDFAST_CLAUSE("3.6, 12.1");
  const int steps = static_cast<int>(GetParam().concurrent_steps);
  std::atomic<bool> ended{false};
  const auto entry_number = [&] {
    const auto value = memory().get("a", "n");
    return value ? static_cast<int>(value->get<std::int64_t>()) : 0;
  };
  in_threads(3, [&](int thread) {
    for (int i = 1; thread == 0 && i <= steps; ++i) {
      RestoreSteps batch;
      batch.put("a", "n", old_record(i, clock().now())).note("n", std::to_string(i));
      batch.restore_to(memory());
    }
    if (thread == 0) ended = true;
    while (thread != 0 && !ended) {
      const int noted = number_in(memory().note("n"));
      const int stored = entry_number();
      EXPECT_GE(stored, noted) << "the note was there before its entry";
      EXPECT_GE(number_in(memory().note("n")), stored) << "the entry was there before its note";
    }
  });
  EXPECT_EQ(number_in(memory().note("n")), steps);
}

TEST_P(LastingNoteConformance, NotesAreThereAfterReopening) {
  HOLDFAST_CLAUSE("3.6, 10.1");
  const StoreRequest place = request();
  {
    Memory store = open(place);
    put_note(store, "stays", "text");
    put_note(store, "goes", "text");
    put_note(store, "goes", "");
    store.close();
  }
  Memory store = open(place);
  EXPECT_EQ(store.note("stays"), "text");
  EXPECT_EQ(store.note("goes"), std::nullopt);
}

}  // namespace holdfast::conformance
