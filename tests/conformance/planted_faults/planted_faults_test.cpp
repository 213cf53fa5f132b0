// Runs the suite on a backend with one fault at a time, and expects it to fail for each.
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <cstdlib>
#include <ostream>
#include <string>

namespace {

struct PlantedFault {
  const char* name;
  const char* found_by;         ///< A test of the suite.
  bool found_at_random = true;  ///< By the randomised comparison as well.
};

void PrintTo(const PlantedFault& fault, std::ostream* out) { *out << fault.name; }

constexpr PlantedFault faults[] = {
    {"expired_counted", "TtlConformance.AnExpiredEntryIsAbsentFromEveryCall"},
    {"expires_late", "TtlConformance.AnEntryIsThereUntilItsDeadlineAndGoneAtIt"},
    {"set_keeps_ttl", "TtlConformance.SetWithoutATtlClearsAnEarlierDeadline"},
    {"increment_clears_ttl", "IncrementConformance.KeepsTheDeadline"},
    {"cursor_skips", "CursorConformance.PagesTogetherAreTheWholeInEveryOrder"},
    {"cursor_repeats", "CursorConformance.PagesTogetherAreTheWholeInEveryOrder"},
    {"equal_milliseconds_swapped", "EntryConformance.EntriesOfOneMillisecondKeepTheirOrder"},
    {"subtree_leaks", "AddressingConformance.SubtreeHoldsDescendantsAndNoNamesakes"},
    {"clear_leaves_subtree", "QueryConformance.ClearSaysHowManyWentAndTakesNoOthers"},
    {"empty_namespace_listed", "NamespaceConformance.ANamespaceIsListedWhileItHoldsALiveEntry"},
    {"limit_overshoots", "LimitConformance.TheNumberOfEntriesIsKeptToTheEntry", false},
    {"compare_and_set_lost", "SingleOperationConformance.SetIfRevisionComparesAndSets"},
    {"absent_is_erased", "SingleOperationConformance.EraseSaysWhetherALiveEntryWent"},
    {"created_at_reset", "EntryConformance.CreationSurvivesEveryKindOfOverwrite"},
    {"int_becomes_double", "ValueConformance.IntegersAndDoublesStayApart"},
    {"batch_applied_half", "BatchConformance.AnUnmetPreconditionAbortsTheWholeBatch"},
    {"checks_ignored", "TransactionConformance.ItRunsAgainWhenWhatItReadHasChanged"},
    {"get_many_torn", "ConcurrencyAcrossNamespacesConformance.ABatchIsNeverSeenHalf", false},
    {"tombstone_missing", "ChangeLogConformance.EveryWayOfRemovingLeavesItsChange"},
    {"stats_miscount_bytes", "StatsConformance.CountsAndBytesFollowEveryKindOfWrite"},
    {"restore_conditions_ignored", "RestoreBatchConformance.EachPreconditionDecidesItsOwnStep",
     false},
    {"note_goes_ahead", "NoteConformance.ABatchThatIsRefusedLeavesTheOldNote", false},
    {"subject_only_cleared",
     "SubjectErasureLogConformance.TheChangeLogForgetsTheSubjectAndNobodyElse", false},
    {"foreign_exception", "IncrementConformance.RefusesEveryOtherKindAndLeavesItUnchanged"},
};

const char* random_test = "RandomConformance.AgreesWithTheReferenceModel";

// The exit status of the suite, run with a fault on the tests that the filter names.
int run_suite(const std::string& fault, const std::string& filter) {
  const std::string command = "HOLDFAST_PLANTED_FAULT='" + fault +
                              "' HOLDFAST_CONFORMANCE_SEED=1 '" FAULTY_PROGRAM
                              "' --gtest_brief=1 --gtest_filter='" +
                              filter + "' >/dev/null 2>&1";
  const int status = std::system(command.c_str());
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

std::string filter_for(const char* test) { return std::string("Faulty/") + test + "/*"; }

class PlantedFaultTest : public testing::TestWithParam<PlantedFault> {};

TEST_P(PlantedFaultTest, IsFoundByTheTestOfItsClause) {
  EXPECT_EQ(run_suite(GetParam().name, filter_for(GetParam().found_by)), 1);
}

TEST_P(PlantedFaultTest, IsFoundByTheRandomisedComparisonWhereItIsSequential) {
  const int expected = GetParam().found_at_random ? 1 : 0;
  EXPECT_EQ(run_suite(GetParam().name, filter_for(random_test)), expected);
}

INSTANTIATE_TEST_SUITE_P(Suite, PlantedFaultTest, testing::ValuesIn(faults),
                         [](const auto& fault) { return std::string(fault.param.name); });

TEST(PlantedFaults, TheSameTestsPassWithoutAFault) {
  std::string filter = filter_for(random_test);
  for (const PlantedFault& fault : faults) filter += ":" + filter_for(fault.found_by);
  EXPECT_EQ(run_suite("", filter), 0);
}

}  // namespace
