/// @file
/// The fixture of every conformance test, and the suites with the backends that each is for.
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>

#include "holdfast/conformance/backend_under_test.hpp"
#include "holdfast/memory.hpp"

namespace holdfast::conformance {

/// Gives each test stores of its own, in folders of its own, with one clock that stands still.
class ConformanceTest : public ::testing::TestWithParam<BackendUnderTest> {
 protected:
  ConformanceTest();
  ~ConformanceTest() override;

  /// A request for a store of its own, with the test's clock.
  [[nodiscard]] StoreRequest request();
  [[nodiscard]] Memory open(const StoreRequest& request) const;
  /// The test's ordinary store, opened at the first call.
  [[nodiscard]] Memory& memory();
  [[nodiscard]] ManualClock& clock() const noexcept { return *clock_; }
  void advance(std::chrono::milliseconds by) const { clock_->advance(by); }

 private:
  std::shared_ptr<ManualClock> clock_ = std::make_shared<ManualClock>();
  std::filesystem::path folder_;
  int stores_ = 0;
  std::once_flag opened_;  // Threads of a test may be the first to ask.
  std::optional<Memory> memory_;
};

// A suite; `wanted` is an expression over `backend` that chooses the backends it is for.
#define HOLDFAST_CONFORMANCE_DECLARE(suite, wanted)                                      \
  class suite : public ConformanceTest {                                                 \
   public:                                                                               \
    [[nodiscard]] static bool is_for([[maybe_unused]] const BackendUnderTest& backend) { \
      return wanted;                                                                     \
    }                                                                                    \
  }

HOLDFAST_CONFORMANCE_DECLARE(AddressingConformance, true);
HOLDFAST_CONFORMANCE_DECLARE(ValueConformance, true);
HOLDFAST_CONFORMANCE_DECLARE(EntryConformance, true);
HOLDFAST_CONFORMANCE_DECLARE(SingleOperationConformance, true);
HOLDFAST_CONFORMANCE_DECLARE(IncrementConformance, true);
HOLDFAST_CONFORMANCE_DECLARE(BulkReadConformance, true);
HOLDFAST_CONFORMANCE_DECLARE(BatchConformance,
                             backend.capabilities.atomic_scope != AtomicScope::entry);
HOLDFAST_CONFORMANCE_DECLARE(BatchAcrossNamespacesConformance, backend.has_atomic_store());
HOLDFAST_CONFORMANCE_DECLARE(BatchRefusalConformance, !backend.has_atomic_store());
HOLDFAST_CONFORMANCE_DECLARE(TransactionConformance,
                             backend.capabilities.atomic_scope != AtomicScope::entry);
HOLDFAST_CONFORMANCE_DECLARE(TtlConformance, true);
HOLDFAST_CONFORMANCE_DECLARE(QueryConformance, true);
HOLDFAST_CONFORMANCE_DECLARE(CursorConformance, true);
HOLDFAST_CONFORMANCE_DECLARE(AfterRevisionConformance, true);
HOLDFAST_CONFORMANCE_DECLARE(ScanConformance, true);
HOLDFAST_CONFORMANCE_DECLARE(FilterConformance, true);
HOLDFAST_CONFORMANCE_DECLARE(NamespaceConformance, true);
HOLDFAST_CONFORMANCE_DECLARE(LimitConformance, backend.offers.limits);
HOLDFAST_CONFORMANCE_DECLARE(ValueLimitConformance, backend.offers.value_limit);
HOLDFAST_CONFORMANCE_DECLARE(EvictionConformance, backend.offers.limits&& backend.offers.eviction);
HOLDFAST_CONFORMANCE_DECLARE(QuotaConformance, backend.offers.quotas);
HOLDFAST_CONFORMANCE_DECLARE(StatsConformance, true);
HOLDFAST_CONFORMANCE_DECLARE(DurabilityConformance, backend.persists());
HOLDFAST_CONFORMANCE_DECLARE(ReadOnlyConformance, backend.offers.read_only);
HOLDFAST_CONFORMANCE_DECLARE(SharedStoreConformance, backend.capabilities.shared_between_processes);
HOLDFAST_CONFORMANCE_DECLARE(ErrorConformance, true);
HOLDFAST_CONFORMANCE_DECLARE(CallConformance, true);
HOLDFAST_CONFORMANCE_DECLARE(ConcurrencyConformance, true);
HOLDFAST_CONFORMANCE_DECLARE(ConcurrencyAcrossNamespacesConformance, backend.has_atomic_store());
HOLDFAST_CONFORMANCE_DECLARE(ChangeConformance, true);
HOLDFAST_CONFORMANCE_DECLARE(ChangeLogConformance, backend.offers.change_log);
HOLDFAST_CONFORMANCE_DECLARE(RestoreConformance, backend.capabilities.restore);
HOLDFAST_CONFORMANCE_DECLARE(RestoreRefusalConformance, !backend.capabilities.restore);
HOLDFAST_CONFORMANCE_DECLARE(RestoreBatchConformance, backend.capabilities.restore);
HOLDFAST_CONFORMANCE_DECLARE(RestoreLogConformance,
                             backend.capabilities.restore&& backend.offers.change_log);
HOLDFAST_CONFORMANCE_DECLARE(RestoreLimitConformance,
                             backend.capabilities.restore&& backend.offers.limits);
HOLDFAST_CONFORMANCE_DECLARE(NoteConformance, backend.capabilities.restore);
HOLDFAST_CONFORMANCE_DECLARE(LastingNoteConformance,
                             backend.capabilities.restore&& backend.persists());
HOLDFAST_CONFORMANCE_DECLARE(SubjectErasureConformance, true);
HOLDFAST_CONFORMANCE_DECLARE(SubjectErasureLogConformance, backend.offers.change_log);
HOLDFAST_CONFORMANCE_DECLARE(SearchConformance, backend.capabilities.search);
HOLDFAST_CONFORMANCE_DECLARE(SearchWriteConformance, backend.capabilities.search);
HOLDFAST_CONFORMANCE_DECLARE(SearchBatchConformance,
                             backend.capabilities.search&& backend.has_atomic_store());
HOLDFAST_CONFORMANCE_DECLARE(SearchRestoreConformance,
                             backend.capabilities.search&& backend.capabilities.restore);
HOLDFAST_CONFORMANCE_DECLARE(SearchLimitConformance,
                             backend.capabilities.search&& backend.offers.limits);
HOLDFAST_CONFORMANCE_DECLARE(SearchEvictionConformance,
                             backend.capabilities.search&& backend.offers.limits&&
                                 backend.offers.eviction);
HOLDFAST_CONFORMANCE_DECLARE(LastingSearchConformance,
                             backend.capabilities.search&& backend.persists());
HOLDFAST_CONFORMANCE_DECLARE(SharedSearchConformance,
                             backend.capabilities.search&&
                                 backend.capabilities.shared_between_processes);
HOLDFAST_CONFORMANCE_DECLARE(SearchRefusalConformance, !backend.capabilities.search);
HOLDFAST_CONFORMANCE_DECLARE(VectorConformance, backend.capabilities.search);
HOLDFAST_CONFORMANCE_DECLARE(VectorLimitConformance, backend.capabilities.search&&
                                                         backend.offers.limits);
HOLDFAST_CONFORMANCE_DECLARE(VectorEvictionConformance,
                             backend.capabilities.search&& backend.offers.limits&&
                                 backend.offers.eviction);
HOLDFAST_CONFORMANCE_DECLARE(VectorRestoreConformance,
                             backend.capabilities.search&& backend.capabilities.restore);
HOLDFAST_CONFORMANCE_DECLARE(LastingVectorConformance,
                             backend.capabilities.search&& backend.persists());
HOLDFAST_CONFORMANCE_DECLARE(SharedVectorConformance,
                             backend.capabilities.search&&
                                 backend.capabilities.shared_between_processes);
HOLDFAST_CONFORMANCE_DECLARE(CapabilityConformance, true);
HOLDFAST_CONFORMANCE_DECLARE(MaintenanceConformance, backend.capabilities.maintenance);
HOLDFAST_CONFORMANCE_DECLARE(MaintenanceRefusalConformance, !backend.capabilities.maintenance);
HOLDFAST_CONFORMANCE_DECLARE(RandomConformance, backend.has_atomic_store());

#undef HOLDFAST_CONFORMANCE_DECLARE

}  // namespace holdfast::conformance
