#include "stage.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <new>
#include <string>
#include <system_error>
#include <utility>

namespace holdfast::fault_tests {
namespace {

[[noreturn]] void fail(const std::string& doing) {
  throw std::system_error(errno, std::generic_category(), doing);
}

// A descriptor of the stage's file; -1 where it has none.
int open_file(const std::filesystem::path& file, bool make, std::size_t size) {
  if (file.empty()) return -1;
  const int flags = O_RDWR | O_CLOEXEC | (make ? O_CREAT | O_EXCL : 0);
  const int opened = ::open(file.c_str(), flags, 0600);
  if (opened < 0 || (make && ::ftruncate(opened, static_cast<off_t>(size)) != 0)) fail(file);
  return opened;
}

}  // namespace

class Stage::StageClock final : public Clock {
 public:
  explicit StageClock(std::shared_ptr<Shared> shared) : shared_(std::move(shared)) {}
  Timestamp now() override { return Timestamp(std::chrono::milliseconds(shared_->now_ms.load())); }

 private:
  std::shared_ptr<Shared> shared_;
};

std::shared_ptr<Stage::Shared> Stage::map(int file) {
  const int flags = file < 0 ? MAP_SHARED | MAP_ANONYMOUS : MAP_SHARED;
  void* const memory = ::mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE, flags, file, 0);
  if (file >= 0) ::close(file);
  if (memory == MAP_FAILED) fail("mapping what the players share");
  return {static_cast<Shared*>(memory), [](Shared* shared) { ::munmap(shared, sizeof *shared); }};
}

Stage::Stage(const std::filesystem::path& file, unsigned players)
    : shared_(map(open_file(file, true, sizeof(Shared)))), owns_barrier_(file.empty()) {
  new (shared_.get()) Shared();
  pthread_barrierattr_t attributes;
  pthread_barrierattr_init(&attributes);
  pthread_barrierattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED);
  const int error = pthread_barrier_init(&shared_->barrier, &attributes, players);
  pthread_barrierattr_destroy(&attributes);
  if (error != 0) throw std::system_error(error, std::generic_category(), "making a barrier");
}

Stage::Stage(const std::filesystem::path& file)
    : shared_(map(open_file(file, false, sizeof(Shared)))), owns_barrier_(false) {}

Stage::~Stage() {
  if (owns_barrier_) pthread_barrier_destroy(&shared_->barrier);
}

std::shared_ptr<Clock> Stage::clock() const { return std::make_shared<StageClock>(shared_); }

}  // namespace holdfast::fault_tests
