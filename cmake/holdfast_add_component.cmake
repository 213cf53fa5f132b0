# What every target of the project is built with; not part of what is installed.
add_library(holdfast_compile_options INTERFACE)
target_compile_options(holdfast_compile_options INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wnon-virtual-dtor
  -Woverloaded-virtual -Wold-style-cast
  $<$<BOOL:${HOLDFAST_WARNINGS_AS_ERRORS}>:-Werror>)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND
    (HOLDFAST_SANITIZE OR NOT CMAKE_BUILD_TYPE STREQUAL "Debug"))
  # In optimised and sanitized code GCC 12 and 13 take std::string and std::optional for misused;
  # the sanitizers find what these warnings are for.
  target_compile_options(holdfast_compile_options INTERFACE
    -Wno-maybe-uninitialized -Wno-restrict)
endif()
if(HOLDFAST_SANITIZE)
  target_compile_options(holdfast_compile_options INTERFACE
    -fsanitize=${HOLDFAST_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(holdfast_compile_options INTERFACE -fsanitize=${HOLDFAST_SANITIZE})
endif()
if(HOLDFAST_FUZZING)
  # So that libFuzzer sees which ways the code takes.
  target_compile_options(holdfast_compile_options INTERFACE -fsanitize=fuzzer-no-link)
endif()

# holdfast_add_component(NAME name SOURCES ... [INCLUDE dir] [PUBLIC lib...] [PRIVATE lib...]
#                        [FIND_DEPENDENCIES "find_dependency arguments"...])
#
# A library `holdfast::name` that is installed, with the headers under INCLUDE, as the package
# component `name`. FIND_DEPENDENCIES is what a consumer of that component must find; the
# components among its libraries are found without being named there.
function(holdfast_add_component)
  cmake_parse_arguments(PARSE_ARGV 0 arg "" "NAME;INCLUDE"
    "SOURCES;PUBLIC;PRIVATE;FIND_DEPENDENCIES")
  set(target "holdfast_${arg_NAME}")
  add_library(${target} ${arg_SOURCES})
  add_library(holdfast::${arg_NAME} ALIAS ${target})
  set_target_properties(${target} PROPERTIES
    EXPORT_NAME ${arg_NAME}
    POSITION_INDEPENDENT_CODE ON)
  target_compile_features(${target} PUBLIC cxx_std_20)
  target_compile_options(${target} PRIVATE ${HOLDFAST_LIBRARY_OPTIONS})
  target_link_libraries(${target}
    PUBLIC ${arg_PUBLIC}
    PRIVATE ${arg_PRIVATE} $<BUILD_INTERFACE:holdfast_compile_options>)
  if(arg_INCLUDE)
    target_include_directories(${target} PUBLIC
      $<BUILD_INTERFACE:${arg_INCLUDE}>
      $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
  endif()

  set(needed_components ${arg_PUBLIC} ${arg_PRIVATE})
  list(FILTER needed_components INCLUDE REGEX "^holdfast::")
  list(TRANSFORM needed_components REPLACE "^holdfast::" "")
  set_property(GLOBAL APPEND PROPERTY HOLDFAST_COMPONENTS ${arg_NAME})
  set_property(GLOBAL PROPERTY HOLDFAST_NEEDED_COMPONENTS_${arg_NAME} "${needed_components}")
  set_property(GLOBAL PROPERTY HOLDFAST_FIND_DEPENDENCIES_${arg_NAME} "${arg_FIND_DEPENDENCIES}")
  if(HOLDFAST_INSTALL)
    install(TARGETS ${target} EXPORT holdfast-${arg_NAME}-targets)
    if(arg_INCLUDE)
      install(DIRECTORY "${arg_INCLUDE}/" DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}"
        FILES_MATCHING PATTERN "*.hpp")
    endif()
  endif()
endfunction()
