# The README shows this example; they must not drift apart.
#   cmake -DREADME=file -DEXAMPLE=file -P check_readme.cmake
file(READ "${README}" readme)
file(READ "${EXAMPLE}" example)
string(FIND "${readme}" "${example}" place)
if(place EQUAL -1)
  message(FATAL_ERROR "${README} does not contain the text of ${EXAMPLE}")
endif()
