# The list of backends: a folder, and whether it is built by default. A new backend is its folder
# and one line here.
set(HOLDFAST_BACKENDS
  in_memory
  sqlite
  postgresql)
