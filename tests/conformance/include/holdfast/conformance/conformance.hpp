/// @file
/// Runs the conformance suite on a backend of one's own:
///
///     #include <holdfast/conformance/conformance.hpp>
///
///     holdfast::conformance::BackendUnderTest my_backend() { ... }
///     HOLDFAST_INSTANTIATE_CONFORMANCE(MyBackend, my_backend());
///
/// linked with `holdfast::conformance` and `GTest::gtest_main`. See tests/conformance/README.md.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "holdfast/conformance/conformance_test.hpp"

namespace holdfast::conformance {

/// Refers to every suite, so that a linker keeps them when it reads the static library.
int link_suites();

/// The backend where the suite is for it, otherwise nothing.
template <typename Suite>
[[nodiscard]] std::vector<BackendUnderTest> chosen_for(const BackendUnderTest& backend) {
  if (!Suite::is_for(backend)) return {};
  return {backend};
}

[[nodiscard]] inline std::string name_of(const ::testing::TestParamInfo<BackendUnderTest>& info) {
  return info.param.name;
}

}  // namespace holdfast::conformance

#define HOLDFAST_INSTANTIATE_CONFORMANCE_SUITE(prefix, suite, ...)                                 \
  INSTANTIATE_TEST_SUITE_P(                                                                        \
      prefix, suite, ::testing::ValuesIn(::holdfast::conformance::chosen_for<suite>(__VA_ARGS__)), \
      ::holdfast::conformance::name_of)

/// Registers every suite that is for the backend. `prefix` is a C++ identifier, unique in the
/// program; then comes an expression for the `BackendUnderTest`, evaluated when the program starts.
/// Stands at global scope.
#define HOLDFAST_INSTANTIATE_CONFORMANCE(prefix, ...)                                            \
  namespace holdfast::conformance {                                                              \
  [[maybe_unused]] static const int linked_suites_##prefix = link_suites();                      \
  HOLDFAST_INSTANTIATE_CONFORMANCE_SUITE(prefix, AddressingConformance, __VA_ARGS__);            \
  HOLDFAST_INSTANTIATE_CONFORMANCE_SUITE(prefix, ValueConformance, __VA_ARGS__);                 \
  HOLDFAST_INSTANTIATE_CONFORMANCE_SUITE(prefix, EntryConformance, __VA_ARGS__);                 \
  HOLDFAST_INSTANTIATE_CONFORMANCE_SUITE(prefix, SingleOperationConformance, __VA_ARGS__);       \
  HOLDFAST_INSTANTIATE_CONFORMANCE_SUITE(prefix, IncrementConformance, __VA_ARGS__);             \
  HOLDFAST_INSTANTIATE_CONFORMANCE_SUITE(prefix, BulkReadConformance, __VA_ARGS__);              \
  HOLDFAST_INSTANTIATE_CONFORMANCE_SUITE(prefix, BatchConformance, __VA_ARGS__);                 \
  HOLDFAST_INSTANTIATE_CONFORMANCE_SUITE(prefix, BatchAcrossNamespacesConformance, __VA_ARGS__); \
  HOLDFAST_INSTANTIATE_CONFORMANCE_SUITE(prefix, BatchRefusalConformance, __VA_ARGS__);          \
  HOLDFAST_INSTANTIATE_CONFORMANCE_SUITE(prefix, TransactionConformance, __VA_ARGS__);           \
  HOLDFAST_INSTANTIATE_CONFORMANCE_SUITE(prefix, TtlConformance, __VA_ARGS__);                   \
  HOLDFAST_INSTANTIATE_CONFORMANCE_SUITE(prefix, QueryConformance, __VA_ARGS__);                 \
  HOLDFAST_INSTANTIATE_CONFORMANCE_SUITE(prefix, CursorConformance, __VA_ARGS__);                \
  HOLDFAST_INSTANTIATE_CONFORMANCE_SUITE(prefix, AfterRevisionConformance, __VA_ARGS__);         \
  HOLDFAST_INSTANTIATE_CONFORMANCE_SUITE(prefix, ScanConformance, __VA_ARGS__);                  \
  HOLDFAST_INSTANTIATE_CONFORMANCE_SUITE(prefix, FilterConformance, __VA_ARGS__);                \
  HOLDFAST_INSTANTIATE_CONFORMANCE_SUITE(prefix, NamespaceConformance, __VA_ARGS__);             \
  HOLDFAST_INSTANTIATE_CONFORMANCE_SUITE(prefix, LimitConformance, __VA_ARGS__);                 \
  HOLDFAST_INSTANTIATE_CONFORMANCE_SUITE(prefix, ValueLimitConformance, __VA_ARGS__);            \
  HOLDFAST_INSTANTIATE_CONFORMANCE_SUITE(prefix, EvictionConformance, __VA_ARGS__);              \
  HOLDFAST_INSTANTIATE_CONFORMANCE_SUITE(prefix, QuotaConformance, __VA_ARGS__);                 \
  HOLDFAST_INSTANTIATE_CONFORMANCE_SUITE(prefix, StatsConformance, __VA_ARGS__);                 \
  HOLDFAST_INSTANTIATE_CONFORMANCE_SUITE(prefix, DurabilityConformance, __VA_ARGS__);            \
  HOLDFAST_INSTANTIATE_CONFORMANCE_SUITE(prefix, ReadOnlyConformance, __VA_ARGS__);              \
  HOLDFAST_INSTANTIATE_CONFORMANCE_SUITE(prefix, SharedStoreConformance, __VA_ARGS__);           \
  HOLDFAST_INSTANTIATE_CONFORMANCE_SUITE(prefix, ErrorConformance, __VA_ARGS__);                 \
  HOLDFAST_INSTANTIATE_CONFORMANCE_SUITE(prefix, CallConformance, __VA_ARGS__);                  \
  HOLDFAST_INSTANTIATE_CONFORMANCE_SUITE(prefix, ConcurrencyConformance, __VA_ARGS__);           \
  HOLDFAST_INSTANTIATE_CONFORMANCE_SUITE(prefix, ConcurrencyAcrossNamespacesConformance,         \
                                         __VA_ARGS__);                                           \
  HOLDFAST_INSTANTIATE_CONFORMANCE_SUITE(prefix, ChangeConformance, __VA_ARGS__);                \
  HOLDFAST_INSTANTIATE_CONFORMANCE_SUITE(prefix, ChangeLogConformance, __VA_ARGS__);             \
  HOLDFAST_INSTANTIATE_CONFORMANCE_SUITE(prefix, RestoreConformance, __VA_ARGS__);               \
  HOLDFAST_INSTANTIATE_CONFORMANCE_SUITE(prefix, RestoreRefusalConformance, __VA_ARGS__);        \
  HOLDFAST_INSTANTIATE_CONFORMANCE_SUITE(prefix, RestoreBatchConformance, __VA_ARGS__);          \
  HOLDFAST_INSTANTIATE_CONFORMANCE_SUITE(prefix, RestoreLogConformance, __VA_ARGS__);            \
  HOLDFAST_INSTANTIATE_CONFORMANCE_SUITE(prefix, RestoreLimitConformance, __VA_ARGS__);          \
  HOLDFAST_INSTANTIATE_CONFORMANCE_SUITE(prefix, NoteConformance, __VA_ARGS__);                  \
  HOLDFAST_INSTANTIATE_CONFORMANCE_SUITE(prefix, LastingNoteConformance, __VA_ARGS__);           \
  HOLDFAST_INSTANTIATE_CONFORMANCE_SUITE(prefix, SubjectErasureConformance, __VA_ARGS__);        \
  HOLDFAST_INSTANTIATE_CONFORMANCE_SUITE(prefix, SubjectErasureLogConformance, __VA_ARGS__);     \
  HOLDFAST_INSTANTIATE_CONFORMANCE_SUITE(prefix, SearchConformance, __VA_ARGS__);                \
  HOLDFAST_INSTANTIATE_CONFORMANCE_SUITE(prefix, SearchWriteConformance, __VA_ARGS__);           \
  HOLDFAST_INSTANTIATE_CONFORMANCE_SUITE(prefix, SearchBatchConformance, __VA_ARGS__);           \
  HOLDFAST_INSTANTIATE_CONFORMANCE_SUITE(prefix, SearchRestoreConformance, __VA_ARGS__);         \
  HOLDFAST_INSTANTIATE_CONFORMANCE_SUITE(prefix, SearchLimitConformance, __VA_ARGS__);           \
  HOLDFAST_INSTANTIATE_CONFORMANCE_SUITE(prefix, SearchEvictionConformance, __VA_ARGS__);        \
  HOLDFAST_INSTANTIATE_CONFORMANCE_SUITE(prefix, LastingSearchConformance, __VA_ARGS__);         \
  HOLDFAST_INSTANTIATE_CONFORMANCE_SUITE(prefix, SharedSearchConformance, __VA_ARGS__);          \
  HOLDFAST_INSTANTIATE_CONFORMANCE_SUITE(prefix, SearchRefusalConformance, __VA_ARGS__);         \
  HOLDFAST_INSTANTIATE_CONFORMANCE_SUITE(prefix, VectorConformance, __VA_ARGS__);                \
  HOLDFAST_INSTANTIATE_CONFORMANCE_SUITE(prefix, VectorLimitConformance, __VA_ARGS__);           \
  HOLDFAST_INSTANTIATE_CONFORMANCE_SUITE(prefix, VectorEvictionConformance, __VA_ARGS__);        \
  HOLDFAST_INSTANTIATE_CONFORMANCE_SUITE(prefix, VectorRestoreConformance, __VA_ARGS__);         \
  HOLDFAST_INSTANTIATE_CONFORMANCE_SUITE(prefix, LastingVectorConformance, __VA_ARGS__);         \
  HOLDFAST_INSTANTIATE_CONFORMANCE_SUITE(prefix, SharedVectorConformance, __VA_ARGS__);          \
  HOLDFAST_INSTANTIATE_CONFORMANCE_SUITE(prefix, CapabilityConformance, __VA_ARGS__);            \
  HOLDFAST_INSTANTIATE_CONFORMANCE_SUITE(prefix, MaintenanceConformance, __VA_ARGS__);           \
  HOLDFAST_INSTANTIATE_CONFORMANCE_SUITE(prefix, MaintenanceRefusalConformance, __VA_ARGS__);    \
  HOLDFAST_INSTANTIATE_CONFORMANCE_SUITE(prefix, RandomConformance, __VA_ARGS__);                \
  }                                                                                              \
  static_assert(true, "a semicolon follows")
