"""What the figures were measured on: the machine, the compiler and what Holdfast stands beside."""

import datetime
import os
import platform
import re
import subprocess

_PACKAGES = {
    "SQLite": ("libsqlite3-0", "libsqlite3-dev"),
    "libpq": ("libpq5",),
    "libpqxx": ("libpqxx-dev",),
    "abseil": ("libabsl-dev",),
    "nlohmann::json": ("nlohmann-json3-dev",),
    "hiredis": ("libhiredis-dev",),
    "Google Benchmark": ("libbenchmark-dev",),
}


def _output(*command):
    """What the command says; "" where it is not there or fails."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return ""
    return done.stdout.strip()


def _file_value(path, pattern):
    try:
        with open(path, encoding="utf-8") as file:
            match = re.search(pattern, file.read(), re.MULTILINE)
    except OSError:
        return ""
    return match.group(1).strip() if match else ""


def upstream_version(package_version):
    """Debian's version without the epoch and what Debian appends."""
    version = re.sub(r"^\d+:", "", package_version)
    return re.sub(r"(?:[+~](?:dfsg|ds|deb)[^-]*)?(?:-[^-]*)?$", "", version)


def _package_version(names):
    for name in names:
        version = _output("dpkg-query", "-W", "-f=${Version}", name)
        if version:
            return upstream_version(version)
    return ""


def _postgresql_version():
    folder = "/usr/lib/postgresql"
    versions = sorted(os.listdir(folder), key=lambda name: name.zfill(4)) \
        if os.path.isdir(folder) else []
    for version in reversed(versions):
        said = _output(os.path.join(folder, version, "bin", "postgres"), "--version")
        if said:
            return re.sub(r"^\D*", "", said).split(" ")[0]
    return ""


def _redis_version():
    match = re.search(r"v=(\S+)", _output("redis-server", "--version"))
    return match.group(1) if match else ""


def _compiler(build):
    path = _file_value(os.path.join(build, "CMakeCache.txt"), r"^CMAKE_CXX_COMPILER:\w+=(.*)$")
    return _output(path, "--version").split("\n")[0] if path else ""


def _commit(project):
    commit = _output("git", "-C", project, "rev-parse", "--short=12", "HEAD")
    # What the report writes itself is no change of what is measured.
    changed = _output("git", "-C", project, "status", "--porcelain", "--untracked-files=no", "--",
                      ":/", ":(top,exclude)docs")
    return commit + (" with changes" if commit and changed else "")


def describe(project, build, mode):
    """A dict of what can be found out; what cannot is left out."""
    memory = _file_value("/proc/meminfo", r"^MemTotal:\s+(\d+) kB")
    versions = {name: _package_version(packages) for name, packages in _PACKAGES.items()}
    versions["PostgreSQL"] = _postgresql_version()
    versions["Redis"] = _redis_version()
    found = {
        "mode": mode,
        "date": datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d"),
        "commit": _commit(project),
        "cpu": _file_value("/proc/cpuinfo", r"^model name\s*:\s*(.*)$") or platform.machine(),
        "cores": len(os.sched_getaffinity(0)),
        "memory_gib": round(int(memory) / 2**20) if memory else "",
        "kernel": f"{platform.system()} {platform.release()}",
        "compiler": _compiler(build),
        "versions": {name: version for name, version in versions.items() if version},
    }
    return {name: value for name, value in found.items() if value != ""}


def markdown(machine, commits, repetitions):
    """The paragraph that says what the figures were measured on."""
    if not machine:
        return "What machine these figures are of is not known: there is no `machine.json`."
    least, most = min(repetitions), max(repetitions)
    times = f"{least}" if least == most else f"{least} to {most}"
    lines = []
    if machine.get("mode") == "quick":
        lines += ["**A quick run**: small sizes and few repetitions, not for conclusions.", ""]
    versions = ", ".join(f"{name} {version}"
                         for name, version in machine.get("versions", {}).items())
    lines += [
        f"- {machine.get('date', 'no date')}, commit "
        f"{', '.join(sorted(commits)) or machine.get('commit', 'unknown')}, {times} repetitions",
        f"- {machine.get('cpu', 'unknown processor')}, {machine.get('cores', '?')} cores, "
        f"{machine.get('memory_gib', '?')} GiB; {machine.get('kernel', 'unknown kernel')}",
        f"- {machine.get('compiler', 'unknown compiler')}, release build",
        f"- {versions or 'no versions known'}",
    ]
    return "\n".join(lines)
