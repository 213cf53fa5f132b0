find_package(GTest REQUIRED)
include(GoogleTest)

# holdfast_add_test(NAME name SOURCES ... LIBRARIES ... [LABELS ...] [TIMEOUT seconds])
#
# One test program; ctest lists each of its tests as `name.Suite.Test`.
function(holdfast_add_test)
  cmake_parse_arguments(PARSE_ARGV 0 arg "" "NAME;TIMEOUT" "SOURCES;LIBRARIES;LABELS")
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 300)
  endif()
  add_executable(${arg_NAME} ${arg_SOURCES})
  target_link_libraries(${arg_NAME} PRIVATE
    ${arg_LIBRARIES} GTest::gmock GTest::gtest_main holdfast_compile_options)
  gtest_discover_tests(${arg_NAME}
    TEST_PREFIX "${arg_NAME}."
    DISCOVERY_MODE PRE_TEST
    PROPERTIES TIMEOUT ${arg_TIMEOUT} LABELS "${arg_LABELS}")
endfunction()
