# cmake -DPREFIX=path -DDOC_FOLDER=path -DEXECUTABLE_FOLDER=path -P check_installed_files.cmake
#
# What a user expects beside the libraries.
foreach(path
    "${DOC_FOLDER}/LICENSE" "${DOC_FOLDER}/README.md"
    "share/bash-completion/completions/holdfast")
  if(NOT EXISTS "${PREFIX}/${path}")
    message(FATAL_ERROR "${path} was not installed")
  endif()
endforeach()

execute_process(COMMAND bash -n "${PREFIX}/share/bash-completion/completions/holdfast"
  COMMAND_ERROR_IS_FATAL ANY)
set(program "${PREFIX}/${EXECUTABLE_FOLDER}/holdfast")
execute_process(COMMAND "${program}" --help COMMAND_ERROR_IS_FATAL ANY OUTPUT_QUIET)
execute_process(COMMAND "${program}" --store memory: count "" OUTPUT_VARIABLE output
  COMMAND_ERROR_IS_FATAL ANY)
if(NOT output MATCHES "0")
  message(FATAL_ERROR "the installed program counted: ${output}")
endif()
