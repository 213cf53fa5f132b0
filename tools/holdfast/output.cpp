#include "output.hpp"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <csignal>
#include <utility>

#include "display.hpp"
#include "exit_code.hpp"

namespace holdfast::program {
namespace {

constexpr std::size_t buffer_bytes = 64 * 1024;

[[noreturn]] void fail_output(int error_number) {
  if (error_number == EPIPE) throw OutputClosed();
  throw system_error("cannot write to standard output", error_number);
}

void write_all(int descriptor, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(descriptor, text.data(), text.size());
    if (written < 0) {
      if (errno == EINTR) continue;
      fail_output(errno);
    }
    text.remove_prefix(static_cast<std::size_t>(written));
  }
}

std::size_t terminal_columns(int descriptor) {
  winsize size{};
  if (::ioctl(descriptor, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
  return 80;
}

}  // namespace

Output::Output()
    : is_terminal_(::isatty(STDOUT_FILENO) == 1),
      columns_(is_terminal_ ? terminal_columns(STDOUT_FILENO) : 0) {}

void Output::write(std::string_view text) {
  buffer_ += text;
  if (buffer_.size() >= buffer_bytes) flush();
}

void Output::line(std::string_view text) {
  buffer_ += text;
  write("\n");
}

void Output::flush() {
  // Emptied first: what failed once is not written again when the program ends.
  const std::string text = std::exchange(buffer_, {});
  if (!wait_) return write_all(STDOUT_FILENO, text);
  // A greater piece than this could wait within `write`.
  for (std::string_view rest = text; !rest.empty();) {
    const std::string_view piece = rest.substr(0, PIPE_BUF);
    wait_->until_writable(STDOUT_FILENO);
    write_all(STDOUT_FILENO, piece);
    rest.remove_prefix(piece.size());
  }
}

void Output::stop_with(const std::stop_token& stop) {
  struct stat status {};
  if (::fstat(STDOUT_FILENO, &status) == 0 && S_ISREG(status.st_mode)) return;  // Never waits.
  wait_ = std::make_unique<StoppableWait>(stop);
}

void Output::finish() {
  const bool wrote_nothing = buffer_.empty();
  flush();
  // A descriptor that was closed from the start is no failure of a command that printed nothing.
  if (::close(STDOUT_FILENO) != 0 && !(wrote_nothing && errno == EBADF)) fail_output(errno);
}

void report(std::string_view text) noexcept {
  try {
    write_all(STDERR_FILENO, "holdfast: " + escape_controls(text) + "\n");
  } catch (...) {
    // Nobody is left to be told; the exit code still says it.
    return;
  }
}

void note(std::string_view text) {
  try {
    write_all(STDERR_FILENO, std::string(text) + "\n");
  } catch (const std::exception&) {
    return;  // As above: a closed standard error does not stop the work.
  }
}

void prepare_standard_streams() {
  for (const int descriptor : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (::fcntl(descriptor, F_GETFD) != -1 || errno != EBADF) continue;
    // Opened the wrong way round on purpose: using it still fails with EBADF.
    const int opened =
        ::open("/dev/null", descriptor == STDIN_FILENO ? O_WRONLY : O_RDONLY);  // Lowest free: it.
    if (opened != descriptor && opened >= 0) ::close(opened);
  }
  std::signal(SIGPIPE, SIG_IGN);
}

}  // namespace holdfast::program
