// One function for each source file with tests. Calling them makes a linker take the files from a
// static library, and with them the objects that register the tests.
#pragma once

namespace holdfast::conformance {

struct SuiteLinks {
  static int addressing();
  static int value();
  static int entry();
  static int single_operation();
  static int increment();
  static int bulk();
  static int transaction();
  static int ttl();
  static int query();
  static int cursor();
  static int filter();
  static int namespaces();
  static int limit();
  static int stats();
  static int durability();
  static int error();
  static int call();
  static int concurrency();
  static int change();
  static int restore();
  static int restore_batch();
  static int restore_log();
  static int note();
  static int subject_erasure();
  static int scan();
  static int search();
  static int search_write();
  static int vector();
  static int capability();
  static int random();

  static int sum() {
    return addressing() + value() + entry() + single_operation() + increment() + bulk() +
           transaction() + ttl() + query() + cursor() + filter() + namespaces() + limit() +
           stats() + durability() + error() + call() + concurrency() + change() + restore() +
           restore_batch() + restore_log() + note() + subject_erasure() + scan() + search() +
           search_write() + vector() + capability() + random();
  }
};

}  // namespace holdfast::conformance

// Stands once in each of those files: its function, and the suites in it, which may go without an
// instance where no backend in a program is for them.
#define HOLDFAST_CONFORMANCE_LINK(name) \
  int SuiteLinks::name() { return 1; }
#define HOLDFAST_CONFORMANCE_SUITE_MAY_BE_EMPTY(suite) \
  GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(suite)
