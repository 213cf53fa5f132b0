# shellcheck shell=bash
# Configures and builds the trees of CMakePresets.json.

# A home that cannot be written leaves the compiler's cache beside the builds. What one clone of the
# repository compiled serves another.
prepare_compiler_cache() {
  export CCACHE_BASEDIR=$project CCACHE_NOHASHDIR=1
  if [[ -z ${CCACHE_DIR:-} && ! -w ${HOME:-/nonexistent} ]]; then
    export CCACHE_DIR=$project/build/ccache
  fi
}

# build_tree PRESET TARGET [CMAKE_ARGUMENT...]: TARGET is a target's name, or `all`.
build_tree() {
  local preset=$1 target=$2
  shift 2
  local directory=$project/build/$preset
  local log=$directory/configure.log
  say "Building $target in build/$preset"
  mkdir -p "$directory"
  (cd "$project" && cmake --preset "$preset" "$@") > "$log" 2>&1 || {
    cat "$log" >&2
    fail "could not configure build/$preset"
  }
  cmake --build "$directory" --target "$target" --parallel "$(nproc)" >&2 ||
    fail "could not build $target in build/$preset"
}
