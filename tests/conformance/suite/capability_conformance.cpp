// Clause 14: what is declared works, what is not is refused.
#include "expectations.hpp"
#include "suite_links.hpp"

namespace holdfast::conformance {

HOLDFAST_CONFORMANCE_LINK(capability)
HOLDFAST_CONFORMANCE_SUITE_MAY_BE_EMPTY(CapabilityConformance);
HOLDFAST_CONFORMANCE_SUITE_MAY_BE_EMPTY(MaintenanceConformance);
HOLDFAST_CONFORMANCE_SUITE_MAY_BE_EMPTY(MaintenanceRefusalConformance);

TEST_P(CapabilityConformance, TheBackendDeclaresWhatIsExpectedOfIt) {
  HOLDFAST_CLAUSE("14");
  EXPECT_EQ(to_value(memory().capabilities()).json_text(),
            to_value(GetParam().capabilities).json_text());
}

TEST_P(CapabilityConformance, TheBackendHasAName) {
  HOLDFAST_CLAUSE("14");
  EXPECT_FALSE(memory().stats().backend.empty());
  EXPECT_EQ(memory().stats().backend, open(request()).stats().backend);
}

TEST_P(CapabilityConformance, AHandleThatDoesNotEvictRefusesAtItsLimits) {
  HOLDFAST_CLAUSE("8.3, 14");
  EXPECT_FALSE(memory().capabilities().eviction);
  EXPECT_FALSE(memory().capabilities().read_only);
  EXPECT_EQ(memory().stats().counters.evicted, 0U);
}

TEST_P(MaintenanceConformance, EachKindOfUpkeepWorksAndChangesNoAnswer) {
  HOLDFAST_CLAUSE("14");
  const StoreRequest place = request();
  Memory store = open(place);
  for (int i = 0; i < 100; ++i) store.set("a", std::to_string(i), std::string(2000, 'x'));
  for (int i = 0; i < 50; ++i) store.erase("a", std::to_string(i));
  const std::vector<Entry> before = everything(store);
  Maintenance& maintenance = store.maintenance();
  EXPECT_TRUE(maintenance.check_integrity({}).ok);
  maintenance.compact({});
  maintenance.checkpoint({});
  const std::string copy = (place.folder / "backup_of_the_store").string();
  bool reported = false;
  maintenance.backup(copy,
                     [&](const Maintenance::Progress& progress) {
                       reported = true;
                       EXPECT_LE(progress.done, progress.total);
                     },
                     {});
  EXPECT_TRUE(reported);
  EXPECT_TRUE(std::filesystem::exists(copy));
  EXPECT_TRUE(throws(ErrorCode::failed_precondition, [&] {
    maintenance.backup(copy, {}, {});
    return 0;
  }));
  EXPECT_EQ(everything(store), before);
  EXPECT_TRUE(maintenance.check_integrity({}).ok);
  EXPECT_TRUE(maintenance.check_integrity({}).problems.empty());

  store.close();
  const auto error = error_of([&] {
    maintenance.checkpoint({});
    return 0;
  });
  ASSERT_TRUE(error.has_value());
  EXPECT_EQ(error->code(), ErrorCode::failed_precondition) << "use after close";
  EXPECT_EQ(error->operation(), "checkpoint");
}

TEST_P(MaintenanceRefusalConformance, IsRefusedWithUnsupported) {
  HOLDFAST_CLAUSE("14");
  EXPECT_TRUE(throws(ErrorCode::unsupported, [&] {
    static_cast<void>(memory().maintenance());
    return 0;
  }));
}

}  // namespace holdfast::conformance
