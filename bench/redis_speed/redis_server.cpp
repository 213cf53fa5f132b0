#include "redis_server.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <sstream>
#include <stdexcept>
#include <thread>

namespace holdfast::bench {

namespace fs = std::filesystem;

std::string RedisServer::program() {
  const char* path = std::getenv("PATH");
  std::istringstream folders(path == nullptr ? "" : path);
  for (std::string folder; std::getline(folders, folder, ':');) {
    const fs::path candidate = fs::path(folder) / "redis-server";
    if (::access(candidate.c_str(), X_OK) == 0) return candidate.string();
  }
  return {};
}

RedisServer::RedisServer(RedisDurability durability) {
  try {
    start(durability);
    wait_until_it_answers();
  } catch (...) {
    stop();
    throw;
  }
}

RedisServer::~RedisServer() { stop(); }

void RedisServer::start(RedisDurability durability) {
  const std::string server = program();
  const std::string folder = folder_.path().string();
  const std::string at = socket();
  const std::string log = folder_.file("log");
  const char* append = durability == RedisDurability::none ? "no" : "yes";
  const char* flush = durability == RedisDurability::always ? "always" : "everysec";
  const std::array<const char*, 20> arguments{server.c_str(),
                                              "--port",
                                              "0",
                                              "--unixsocket",
                                              at.c_str(),
                                              "--dir",
                                              folder.c_str(),
                                              "--save",
                                              "",
                                              "--appendonly",
                                              append,
                                              "--appendfsync",
                                              flush,
                                              "--auto-aof-rewrite-percentage",
                                              "0",
                                              "--logfile",
                                              log.c_str(),
                                              "--daemonize",
                                              "no",
                                              nullptr};
  const pid_t parent = ::getpid();
  pid_ = ::fork();
  if (pid_ < 0) throw std::runtime_error("cannot start " + server);
  if (pid_ > 0) return;
  // The server goes with this program, however that ends.
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(1);
  ::execv(server.c_str(), const_cast<char* const*>(arguments.data()));
  ::_exit(127);
}

void RedisServer::wait_until_it_answers() const {
  for (int tries = 0; tries < 500; ++tries) {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    if (::waitpid(pid_, nullptr, WNOHANG) != 0) break;
    if (!fs::exists(socket())) continue;
    RedisConnection(socket()).run({"PING"});
    return;
  }
  throw std::runtime_error("the Redis server does not start");
}

void RedisServer::stop() noexcept {
  if (pid_ > 0 && ::kill(pid_, SIGKILL) == 0) ::waitpid(pid_, nullptr, 0);
}

RedisConnection::RedisConnection(const std::string& socket)
    : context_(redisConnectUnix(socket.c_str()), &redisFree) {
  if (context_ == nullptr || context_->err != 0) {
    throw std::runtime_error(context_ == nullptr ? "no memory" : context_->errstr);
  }
}

void RedisConnection::send(const Command& command) {
  texts_.clear();
  lengths_.clear();
  for (const std::string_view part : command) {
    texts_.push_back(part.data());
    lengths_.push_back(part.size());
  }
  if (redisAppendCommandArgv(context_.get(), static_cast<int>(command.size()), texts_.data(),
                             lengths_.data()) != REDIS_OK) {
    throw std::runtime_error(context_->errstr);
  }
}

RedisReply RedisConnection::receive() {
  void* reply = nullptr;
  if (redisGetReply(context_.get(), &reply) != REDIS_OK) {
    throw std::runtime_error(context_->errstr);
  }
  RedisReply owned(static_cast<redisReply*>(reply), &freeReplyObject);
  if (owned->type == REDIS_REPLY_ERROR) throw std::runtime_error(owned->str);
  return owned;
}

}  // namespace holdfast::bench
