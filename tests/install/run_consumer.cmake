# cmake -DCONSUMER=source -DFOLDER=path [-DEXPECT_ERROR=regex] -P run_consumer.cmake -- ARGUMENT...
#
# Configures the consumer with the arguments in an empty folder, builds it and runs it. With
# EXPECT_ERROR configuring must fail, with a message that matches.
include("${CMAKE_CURRENT_LIST_DIR}/../../cmake/arguments_after_dashes.cmake")
arguments_after_dashes(arguments)
file(REMOVE_RECURSE "${FOLDER}")
execute_process(
  COMMAND "${CMAKE_COMMAND}" -S "${CONSUMER}" -B "${FOLDER}" ${arguments}
  RESULT_VARIABLE result OUTPUT_VARIABLE output ERROR_VARIABLE output)

if(EXPECT_ERROR)
  # CMake breaks the lines of a message as it likes.
  string(REGEX REPLACE "[ \n]+" " " text "${output}")
  if(result EQUAL 0)
    message(FATAL_ERROR "configuring should have failed with: ${EXPECT_ERROR}\n${output}")
  elseif(NOT text MATCHES "${EXPECT_ERROR}")
    message(FATAL_ERROR "the message should have been: ${EXPECT_ERROR}\n${output}")
  endif()
  return()
endif()

if(NOT result EQUAL 0)
  message(FATAL_ERROR "could not configure the consumer:\n${output}")
endif()
execute_process(COMMAND "${CMAKE_COMMAND}" --build "${FOLDER}" COMMAND_ERROR_IS_FATAL ANY)
execute_process(
  COMMAND "${CMAKE_CTEST_COMMAND}" --test-dir "${FOLDER}" --output-on-failure --no-tests=error
  COMMAND_ERROR_IS_FATAL ANY)
