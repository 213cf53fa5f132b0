# cmake -DFOLDER=path -P run_in_empty_folder.cmake -- COMMAND...
#
# Empties the folder, runs the command in it, and fails as the command does.
include("${CMAKE_CURRENT_LIST_DIR}/arguments_after_dashes.cmake")
arguments_after_dashes(command)
file(REMOVE_RECURSE "${FOLDER}")
file(MAKE_DIRECTORY "${FOLDER}")
execute_process(COMMAND ${command} WORKING_DIRECTORY "${FOLDER}" COMMAND_ERROR_IS_FATAL ANY)
