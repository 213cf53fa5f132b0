# Finds libpqxx, and gives the target `libpqxx::pqxx`, as the package of libpqxx's own does, which
# some distributions leave out. Needs libpq, which FindPostgreSQL finds.
find_package(libpqxx CONFIG QUIET)
if(TARGET libpqxx::pqxx)
  set(libpqxx_FOUND TRUE)
  return()
endif()

find_path(libpqxx_INCLUDE_DIR pqxx/pqxx)
find_library(libpqxx_LIBRARY pqxx)
if(libpqxx_INCLUDE_DIR)
  file(STRINGS "${libpqxx_INCLUDE_DIR}/pqxx/version.hxx" libpqxx_VERSION
    REGEX "define PQXX_VERSION \"")
  string(REGEX REPLACE ".*\"(.*)\".*" "\\1" libpqxx_VERSION "${libpqxx_VERSION}")
endif()

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(libpqxx
  REQUIRED_VARS libpqxx_LIBRARY libpqxx_INCLUDE_DIR
  VERSION_VAR libpqxx_VERSION)
mark_as_advanced(libpqxx_INCLUDE_DIR libpqxx_LIBRARY)

if(libpqxx_FOUND)
  add_library(libpqxx::pqxx UNKNOWN IMPORTED)
  set_target_properties(libpqxx::pqxx PROPERTIES
    IMPORTED_LOCATION "${libpqxx_LIBRARY}"
    INTERFACE_INCLUDE_DIRECTORIES "${libpqxx_INCLUDE_DIR}"
    INTERFACE_LINK_LIBRARIES PostgreSQL::PostgreSQL)
endif()
