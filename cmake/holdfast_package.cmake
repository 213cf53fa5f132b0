# Makes the package `holdfast`: one file of exported targets for each component, which finds only
# what that component needs. Included after all components are there.
include(CMakePackageConfigHelpers)

set(holdfast_package_dir "${CMAKE_INSTALL_LIBDIR}/cmake/holdfast")
set(holdfast_package_build_dir "${PROJECT_BINARY_DIR}/package")
get_property(holdfast_known_components GLOBAL PROPERTY HOLDFAST_COMPONENTS)

configure_package_config_file(
  "${PROJECT_SOURCE_DIR}/cmake/holdfast-config.cmake.in"
  "${holdfast_package_build_dir}/holdfast-config.cmake"
  INSTALL_DESTINATION "${holdfast_package_dir}"
  NO_SET_AND_CHECK_MACRO NO_CHECK_REQUIRED_COMPONENTS_MACRO)
write_basic_package_version_file(
  "${holdfast_package_build_dir}/holdfast-config-version.cmake"
  COMPATIBILITY SameMinorVersion)

# Writes what find_package includes for one component: the components it needs, what it must find,
# its targets.
function(holdfast_write_component_file name)
  get_property(needed GLOBAL PROPERTY HOLDFAST_NEEDED_COMPONENTS_${name})
  get_property(dependencies GLOBAL PROPERTY HOLDFAST_FIND_DEPENDENCIES_${name})
  set(text "include_guard(DIRECTORY)\ninclude(CMakeFindDependencyMacro)\n")
  foreach(dependency IN LISTS dependencies)
    # What we find with a module of our own, consumers find with it as well.
    string(REGEX MATCH "^[^ ]+" found "${dependency}")
    set(module "${PROJECT_SOURCE_DIR}/cmake/Find${found}.cmake")
    if(EXISTS "${module}")
      file(COPY "${module}" DESTINATION "${holdfast_package_build_dir}")
      if(HOLDFAST_INSTALL)
        install(FILES "${module}" DESTINATION "${holdfast_package_dir}")
      endif()
      string(APPEND text "list(APPEND CMAKE_MODULE_PATH \"\${CMAKE_CURRENT_LIST_DIR}\")\n")
    endif()
    string(APPEND text "find_dependency(${dependency})\n")
  endforeach()
  foreach(component IN LISTS needed)
    string(APPEND text
      "include(\"\${CMAKE_CURRENT_LIST_DIR}/holdfast-${component}-component.cmake\")\n"
      "if(NOT TARGET holdfast::${component})\n  return()\nendif()\n")
  endforeach()
  string(APPEND text "include(\"\${CMAKE_CURRENT_LIST_DIR}/holdfast-${name}-targets.cmake\")\n")
  file(WRITE "${holdfast_package_build_dir}/holdfast-${name}-component.cmake" "${text}")
endfunction()

foreach(component IN LISTS holdfast_known_components)
  holdfast_write_component_file(${component})
  if(HOLDFAST_INSTALL)
    install(FILES "${holdfast_package_build_dir}/holdfast-${component}-component.cmake"
      DESTINATION "${holdfast_package_dir}")
    install(EXPORT holdfast-${component}-targets
      NAMESPACE holdfast::
      DESTINATION "${holdfast_package_dir}")
  endif()
endforeach()

if(HOLDFAST_INSTALL)
  install(FILES
    "${holdfast_package_build_dir}/holdfast-config.cmake"
    "${holdfast_package_build_dir}/holdfast-config-version.cmake"
    DESTINATION "${holdfast_package_dir}")
  install(FILES LICENSE README.md CHANGELOG.md DESTINATION "${CMAKE_INSTALL_DOCDIR}")
  install(DIRECTORY docs/ DESTINATION "${CMAKE_INSTALL_DOCDIR}" FILES_MATCHING PATTERN "*.md")
  if(TARGET holdfast_program AND NOT CMAKE_CROSSCOMPILING)
    # The program writes its own completion.
    install(CODE "
      execute_process(COMMAND \"$<TARGET_FILE:holdfast_program>\" completion bash
        OUTPUT_FILE \"${holdfast_package_build_dir}/holdfast.bash\"
        COMMAND_ERROR_IS_FATAL ANY)")
    install(FILES "${holdfast_package_build_dir}/holdfast.bash"
      DESTINATION "${CMAKE_INSTALL_DATADIR}/bash-completion/completions" RENAME holdfast)
  endif()
endif()

# In a project that added this one as a subdirectory, find_package(holdfast) finds these targets.
if(NOT PROJECT_IS_TOP_LEVEL)
  set(holdfast_DIR "${holdfast_package_build_dir}" CACHE PATH "Where holdfast's package lies" FORCE)
endif()
