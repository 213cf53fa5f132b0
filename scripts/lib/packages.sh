# shellcheck shell=bash
# Installs the Debian packages that a purpose needs; asks apt only when one is missing.

readonly dependencies_file="${BASH_SOURCE[0]%/*}/dependencies.txt"

# debian_packages PURPOSE...: the packages for these purposes, one a line.
debian_packages() {
  local purpose package rest wanted
  while read -r purpose package rest; do
    for wanted in "$@"; do
      if [[ $purpose == "$wanted" && $package != - ]]; then
        printf '%s\n' "$package"
      fi
    done
  done < "$dependencies_file"
}

# missing_packages PACKAGE...: those that are not installed, one a line.
missing_packages() {
  local package
  for package in "$@"; do
    if [[ $(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null) != installed ]]; then
      printf '%s\n' "$package"
    fi
  done
}

# as_root COMMAND...: runs it as root, through sudo where that can work without a question asked or
# with a terminal to ask on.
as_root() {
  if [[ $(id -u) == 0 ]]; then
    "$@"
  elif command -v sudo > /dev/null && { sudo -n true 2> /dev/null || [[ -t 2 ]]; }; then
    sudo "$@"
  else
    return 1
  fi
}

# Says nothing but what went wrong.
apt_get() {
  as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -o Acquire::Retries=3 \
    -o DPkg::Lock::Timeout=300 -o Dpkg::Use-Pty=0 "$@" > /dev/null
}

# What starts a service of its own when it is installed, unless something says otherwise: tests and
# benchmarks need the programs, and nothing that runs.
readonly service_packages=(pgbouncer redis-server)

# keep_services_down POLICY: a policy that concerns those packages alone, and is asked by the
# packages' scripts only.
keep_services_down() {
  local services
  services=$(printf '|*%s*' "${service_packages[@]}")
  printf '%s\n' '#!/bin/sh' "case \"\$*\" in ${services:1}) exit 101 ;; esac" |
    as_root tee "$1" > /dev/null
  as_root chmod 755 "$1"
}

# install_packages PACKAGE...: Debian's `postgresql` makes a cluster of the machine's own and starts
# it, unless something says otherwise; services of `service_packages` stay down too.
install_packages() {
  local configuration=/etc/postgresql-common/createcluster.conf
  local template=/usr/share/postgresql-common/createcluster.conf
  local policy=/usr/sbin/policy-rc.d
  local made_configuration= made_policy= status=0 package
  if [[ " $* " == *" postgresql "* && ! -e $configuration ]]; then
    made_configuration=yes
    as_root mkdir -p "${configuration%/*}"
    as_root tee "$configuration" <<< 'create_main_cluster = false' > /dev/null
  fi
  for package in "${service_packages[@]}"; do
    if [[ " $* " == *" $package "* && ! -e $policy ]]; then
      made_policy=yes
      keep_services_down "$policy"
    fi
  done
  apt_get install -y --no-install-recommends "$@" || status=$?
  if [[ -n $made_policy ]]; then
    as_root rm -f "$policy"
  fi
  if [[ -n $made_configuration ]]; then
    # For whoever makes a cluster later, the package's own; none where the package did not come.
    as_root cp "$template" "$configuration" 2> /dev/null || as_root rm -f "$configuration"
  fi
  return "$status"
}

# ensure_packages PURPOSE...
ensure_packages() {
  command -v dpkg-query > /dev/null ||
    fail "this script installs packages of Debian 12 or 13, and there is no dpkg here." \
      "CONTRIBUTING.md says how to build elsewhere."
  local -a wanted missing
  mapfile -t wanted <<< "$(debian_packages "$@")"
  mapfile -t missing <<< "$(missing_packages "${wanted[@]}")"
  if [[ -z ${missing[0]} ]]; then
    return
  fi
  say "Installing ${missing[*]}"
  local by_hand="apt-get update && apt-get install --no-install-recommends ${missing[*]}"
  as_root true || fail "this takes root, or sudo; as root: $by_hand"
  # A list that could not be refreshed may still do: the installation decides.
  apt_get update || say "apt-get update failed; trying with the lists that are here"
  install_packages "${missing[@]}" ||
    fail "could not install what is missing. With Debian's archive in reach, as root: $by_hand"
}
