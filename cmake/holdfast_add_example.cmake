# holdfast_add_example(NAME name SOURCES ... LIBRARIES ... [RUNNER ...] [ARGUMENTS ...])
#
# An example program, built beside the others; a test runs it with ARGUMENTS in an empty folder, or
# RUNNER, a command that is given the program and ARGUMENTS.
function(holdfast_add_example)
  cmake_parse_arguments(PARSE_ARGV 0 arg "" "NAME" "SOURCES;LIBRARIES;RUNNER;ARGUMENTS")
  add_executable(${arg_NAME} ${arg_SOURCES})
  target_link_libraries(${arg_NAME} PRIVATE ${arg_LIBRARIES} holdfast_compile_options)
  if(HOLDFAST_TESTS)
    holdfast_add_command_test(NAME "example.${arg_NAME}"
      COMMAND "${CMAKE_COMMAND}" "-DFOLDER=${CMAKE_CURRENT_BINARY_DIR}/${arg_NAME}.run"
        -P "${PROJECT_SOURCE_DIR}/cmake/run_in_empty_folder.cmake" --
        ${arg_RUNNER} "$<TARGET_FILE:${arg_NAME}>" ${arg_ARGUMENTS})
  endif()
endfunction()
