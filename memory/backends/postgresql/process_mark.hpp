// Which process something was made in: sockets and threads are of no use in one that was forked
// off.
#pragma once

#include <sys/types.h>
#include <unistd.h>

#include "errors.hpp"

namespace holdfast::postgresql {

class ProcessMark {
 public:
  [[nodiscard]] bool is_forked() const noexcept { return ::getpid() != process_; }
  // Throws FailedPrecondition in a process that was forked off since.
  void check_not_forked() const {
    if (!is_forked()) return;
    fail(ErrorCode::failed_precondition,
         "the store was opened before this process was forked off; a handle cannot be used in a "
         "child process: open the store there");
  }

 private:
  pid_t process_ = ::getpid();
};

}  // namespace holdfast::postgresql
