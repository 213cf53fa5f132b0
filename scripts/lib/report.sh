# shellcheck shell=bash
# How the scripts speak: progress and failures on standard error.

say() {
  printf '\n== %s\n' "$*" >&2
}

fail() {
  printf 'error: %s\n' "$*" >&2
  exit 1
}
