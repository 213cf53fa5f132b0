#include "server_keeper.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <system_error>
#include <vector>

namespace holdfast::testing {
namespace {

// Standard input and output are the channel to the program. That it ends is the signal to clean up;
// until then each line that comes is run, and its exit status is the answer. Everything the program
// leaves behind at its end would be left behind for good: the folder is made here, too.
constexpr char keeper_script[] = R"sh(
bin=$1 link=$2
unset keeper_script
trap '' PIPE
umask 077
server_user=
if [ "$(id -u)" = 0 ]; then
  server_user=nobody
  ! id postgres > /dev/null 2>&1 || server_user=postgres
fi
as_server() {
  if [ -n "$server_user" ]; then
    setpriv --reuid="$server_user" --regid="$(id -g "$server_user")" --clear-groups -- "$@"
  else
    "$@"
  fi
}
# Waits until no process of the cluster is left; they all have its folder as their own.
settle() {
  tries=0
  while [ "$tries" -lt 600 ]; do
    running=
    for process in /proc/[0-9]*; do
      [ "$(readlink "$process/cwd")" != "$data" ] || running=$process
    done
    [ -n "$running" ] || return 0
    tries=$((tries + 1))
    sleep 0.05
  done
  return 1
}
# After a server's death its first process may still be there as a zombie, which a new server would
# take for a running one.
start_server() {
  if [ -f "$data/postmaster.pid" ]; then
    settle || return 1
    rm -f "$data/postmaster.pid" "$folder"/.s.PGSQL.*
  fi
  as_server "$bin/pg_ctl" -D "$data" -l "$folder/log" -w -t 120 -o "-p $1" start
}
# Of this server, or of one whose keeper was killed.
clean_up() (
  folder=$1 data=$1/data
  if [ -f "$data/postmaster.pid" ]; then
    segment=$(sed -n '7s/.* //p' "$data/postmaster.pid")
    first=$(head -n 1 "$data/postmaster.pid")
    if ! as_server "$bin/pg_ctl" -D "$data" -m immediate -t 30 stop; then
      [ "$(readlink "/proc/$first/cwd")" != "$data" ] || kill -KILL "$first"
      settle
      [ -z "$segment" ] || ipcrm -m "$segment"
    fi
  fi
  [ -z "$link" ] || [ "$(readlink "$link")" != "$folder" ] || rm -f "$link"
  rm -rf "$folder" || { sleep 1 && rm -rf "$folder"; }
) > /dev/null
take_link() {
  before=$(readlink "$link")
  case $before in
    /tmp/holdfast-pg-??????)
      if [ -f "$before/keeper" ] &&
        ! grep -q holdfast-pg-keeper "/proc/$(cat "$before/keeper")/cmdline"; then
        clean_up "$before"
      fi
      ;;
  esac
  ln -sfn "$folder" "$link"
  [ "$(readlink "$link")" = "$folder" ]
}
cd /
folder=$(mktemp -d /tmp/holdfast-pg-XXXXXX) || exit
data=$folder/data
[ -z "$server_user" ] || chown "$server_user:$(id -g "$server_user")" "$folder"
as_server touch "$folder/log"
echo $$ > "$folder/keeper"
if [ -n "$link" ] && ! take_link; then
  rm -rf "$folder"
  exit
fi
echo "$folder"
while read -r line; do
  (trap - PIPE; cd "$folder" && eval "$line") < /dev/null >> "$folder/log" 2>&1
  echo $?
done
clean_up "$folder"
)sh";

// In the child, between fork and exec: only what is safe there while other threads' locks may be
// held.
[[noreturn]] void become_keeper(int channel, char* const* arguments, char* const* environment) {
  ::setsid();
  // Without a parent, no kill of a family of processes comes by here.
  if (::fork() != 0) ::_exit(0);
  const int nowhere = ::open("/dev/null", O_RDWR);
  ::dup2(channel, STDIN_FILENO);
  ::dup2(channel, STDOUT_FILENO);
  ::dup2(nowhere, STDERR_FILENO);
  // What is left open keeps a reader of this program's output waiting.
  ::close_range(STDERR_FILENO + 1, ~0U, 0);
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  ::execve("/bin/sh", arguments, environment);
  ::_exit(127);
}

int start_keeper(const std::filesystem::path& binaries, const std::filesystem::path& link) {
  std::array<int, 2> ends{};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) {
    throw std::system_error(errno, std::generic_category(), "socketpair");
  }
  // The script is a variable, so that a list of processes stays readable.
  std::vector<std::string> texts = {"sh",     "-c", "eval \"$keeper_script\"", "holdfast-pg-keeper",
                                    binaries, link};
  std::vector<char*> arguments;
  for (std::string& text : texts) arguments.push_back(text.data());
  arguments.push_back(nullptr);
  // None of the variables that libpq and PostgreSQL's programs look at.
  std::string path = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
  std::string locale = "LC_ALL=C";
  std::string script = std::string("keeper_script=") + keeper_script;
  const std::array<char*, 4> environment = {path.data(), locale.data(), script.data(), nullptr};

  const pid_t child = ::fork();
  if (child == 0) become_keeper(ends[1], arguments.data(), environment.data());
  ::close(ends[1]);
  if (child < 0) throw std::system_error(errno, std::generic_category(), "fork");
  while (::waitpid(child, nullptr, 0) < 0 && errno == EINTR) {
  }
  return ends[0];
}

}  // namespace

PostgresqlServer::Keeper::Keeper(const std::filesystem::path& binaries,
                                 const std::filesystem::path& link)
    : owner_(::getpid()), channel_(start_keeper(binaries, link)), folder_(read_answer()) {
  if (!folder_.empty()) return;
  ::close(channel_);
  throw std::runtime_error("cannot make a folder for a PostgreSQL server under /tmp" +
                           (link.empty() ? "" : ", or cannot make the link " + link.string()));
}

PostgresqlServer::Keeper::~Keeper() {
  if (::getpid() == owner_) {
    // Said so, since processes made by fork may hold the channel, too. Its end is the keeper's.
    ::shutdown(channel_, SHUT_WR);
    while (!read_answer().empty()) {
    }
  }
  ::close(channel_);
}

// A line without its line feed; "" where the keeper has ended.
std::string PostgresqlServer::Keeper::read_answer() {
  std::string answer;
  char c = 0;
  while (true) {
    const ssize_t n = ::recv(channel_, &c, 1, 0);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return {};
    if (c == '\n') return answer;
    answer += c;
  }
}

std::string PostgresqlServer::Keeper::ask(const std::string& line) {
  const std::string text = line + "\n";
  std::size_t sent = 0;
  while (sent < text.size()) {
    const ssize_t n = ::send(channel_, text.data() + sent, text.size() - sent, MSG_NOSIGNAL);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return {};
    sent += static_cast<std::size_t>(n);
  }
  return read_answer();
}

bool PostgresqlServer::Keeper::run(const std::string& line) { return ask(line) == "0"; }

void PostgresqlServer::Keeper::require(const std::string& line, const std::string& doing) {
  if (run(line)) return;
  std::ifstream stream(folder_ / "log", std::ios::binary);
  const std::string log{std::istreambuf_iterator<char>(stream), {}};
  constexpr std::size_t shown = 2000;
  throw std::runtime_error(doing + " failed; the log of the PostgreSQL server ends with:\n" +
                           log.substr(log.size() > shown ? log.size() - shown : 0));
}

}  // namespace holdfast::testing
