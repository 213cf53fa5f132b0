find_package(GTest REQUIRED)
include(GoogleTest)

set(HOLDFAST_TEST_PREFIX "" CACHE STRING "What the names of all tests begin with")
set(HOLDFAST_TEST_SELECTION "all" CACHE STRING
  "Which tests ctest runs: 'all'; 'ordinary', without those labelled `long`; or 'concurrent', the \
programs labelled `concurrent` and the tests named after concurrency")
set(HOLDFAST_TEST_ENVIRONMENT "" CACHE STRING "name=value... for every test")
set_property(CACHE HOLDFAST_TEST_SELECTION PROPERTY STRINGS all ordinary concurrent)

# The PostgreSQL server that the tests of this build folder share (tests/postgresql_server): a name
# that is known before it runs, and short, since the path of a Unix socket has a limit.
string(MD5 holdfast_build_folder_hash "${PROJECT_BINARY_DIR}")
string(SUBSTRING "${holdfast_build_folder_hash}" 0 12 holdfast_build_folder_hash)
set(HOLDFAST_POSTGRESQL_LINK "/tmp/holdfast-pg-shared-${holdfast_build_folder_hash}")
set(HOLDFAST_POSTGRESQL_FIXTURE "${HOLDFAST_TEST_PREFIX}postgresql_server")

# Which tests of a program with these labels are selected: all, none, or those named after
# concurrency.
function(holdfast_select_tests result)
  set(selected all)
  if(HOLDFAST_TEST_SELECTION STREQUAL "ordinary" AND "long" IN_LIST ARGN)
    set(selected none)
  elseif(HOLDFAST_TEST_SELECTION STREQUAL "concurrent" AND NOT "concurrent" IN_LIST ARGN)
    set(selected named)
  endif()
  set(${result} ${selected} PARENT_SCOPE)
endfunction()

# holdfast_add_test(NAME name SOURCES ... LIBRARIES ... [LABELS ...] [TIMEOUT seconds]
#                   [POSTGRESQL])
#
# One test program; ctest lists each of its tests as `name.Suite.Test`. The label `long` says that
# the tests take minutes, `concurrent` that all of them are about threads. POSTGRESQL: the tests use
# the shared PostgreSQL server, by holdfast::testing::shared_server_url().
function(holdfast_add_test)
  cmake_parse_arguments(PARSE_ARGV 0 arg "POSTGRESQL" "NAME;TIMEOUT" "SOURCES;LIBRARIES;LABELS")
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 300)
  endif()
  add_executable(${arg_NAME} ${arg_SOURCES})
  target_link_libraries(${arg_NAME} PRIVATE
    ${arg_LIBRARIES} GTest::gmock GTest::gtest_main holdfast_compile_options)
  set(environment "${HOLDFAST_TEST_ENVIRONMENT}")
  set(fixtures "")
  if(arg_POSTGRESQL)
    target_link_libraries(${arg_NAME} PRIVATE holdfast::postgresql_server)
    list(APPEND environment "HOLDFAST_TEST_POSTGRES_SHARED_URL=\
postgresql:///postgres?host=${HOLDFAST_POSTGRESQL_LINK}&user=postgres")
    set(fixtures "${HOLDFAST_POSTGRESQL_FIXTURE}")
  endif()

  holdfast_select_tests(selected ${arg_LABELS})
  if(selected STREQUAL "none")
    set_target_properties(${arg_NAME} PROPERTIES EXCLUDE_FROM_ALL ON)
    return()
  endif()
  set(filter "")
  if(selected STREQUAL "named")
    set(filter TEST_FILTER "*Concurren*")
  endif()
  gtest_discover_tests(${arg_NAME}
    TEST_PREFIX "${HOLDFAST_TEST_PREFIX}${arg_NAME}."
    TEST_LIST ${arg_NAME}_tests
    ${filter}
    NO_PRETTY_VALUES
    DISCOVERY_MODE PRE_TEST
    DISCOVERY_TIMEOUT 60
    PROPERTIES TIMEOUT ${arg_TIMEOUT})

  # Properties that are lists do not survive discovery: they are set after it.
  set(properties_file "${CMAKE_CURRENT_BINARY_DIR}/${arg_NAME}_properties.cmake")
  file(CONFIGURE OUTPUT "${properties_file}" @ONLY CONTENT [[
if(@arg_NAME@_tests)
  set_tests_properties(${@arg_NAME@_tests} PROPERTIES
    LABELS "@arg_LABELS@" ENVIRONMENT "@environment@" FIXTURES_REQUIRED "@fixtures@")
endif()
]])
  set_property(DIRECTORY APPEND PROPERTY TEST_INCLUDE_FILES "${properties_file}")
endfunction()

# holdfast_define_in(definition source...)
#
# A definition for those sources alone of the current folder. One that holds a path belongs to few
# sources: the compiler's cache does not serve another clone of the repository with what saw it.
function(holdfast_define_in definition)
  set_property(SOURCE ${ARGN} APPEND PROPERTY COMPILE_DEFINITIONS "${definition}")
endfunction()

# holdfast_add_command_test(NAME name COMMAND ... [LABELS ...] [TIMEOUT seconds]
#                           [ENVIRONMENT name=value...])
#
# A test that is a command; not part of the selection `concurrent` unless labelled so.
function(holdfast_add_command_test)
  cmake_parse_arguments(PARSE_ARGV 0 arg "" "NAME;TIMEOUT" "COMMAND;LABELS;ENVIRONMENT")
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 300)
  endif()
  holdfast_select_tests(selected ${arg_LABELS})
  if(NOT selected STREQUAL "all")
    return()
  endif()
  set(test "${HOLDFAST_TEST_PREFIX}${arg_NAME}")
  add_test(NAME "${test}" COMMAND ${arg_COMMAND})
  set_tests_properties("${test}" PROPERTIES
    TIMEOUT ${arg_TIMEOUT}
    LABELS "${arg_LABELS}"
    ENVIRONMENT "${HOLDFAST_TEST_ENVIRONMENT};${arg_ENVIRONMENT}")
endfunction()
