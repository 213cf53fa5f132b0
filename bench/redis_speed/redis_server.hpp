// A Redis server of one's own, and a connection to it.
#pragma once

#include <hiredis/hiredis.h>
#include <sys/types.h>

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "support/temporary_folder.hpp"

namespace holdfast::bench {

// What has happened when a write returns: it is in memory; it will be flushed within a second; it
// was flushed.
enum class RedisDurability : unsigned char { none, everysec, always };

// Listens at a Unix socket in a new folder under /tmp, and nowhere else. Both go with the object.
class RedisServer {
 public:
  explicit RedisServer(RedisDurability durability);
  ~RedisServer();
  RedisServer(const RedisServer&) = delete;
  RedisServer& operator=(const RedisServer&) = delete;

  // Empty where no server is installed.
  [[nodiscard]] static std::string program();
  [[nodiscard]] std::string socket() const { return folder_.file("socket"); }

 private:
  void start(RedisDurability durability);
  void wait_until_it_answers() const;
  void stop() noexcept;

  TemporaryFolder folder_{"/tmp"};  // The path of a socket has to be short.
  pid_t pid_ = -1;
};

using RedisReply = std::unique_ptr<redisReply, void (*)(void*)>;

// Throws std::runtime_error for every error, also those that the server answers with.
class RedisConnection {
 public:
  using Command = std::vector<std::string_view>;

  explicit RedisConnection(const std::string& socket);

  RedisReply run(const Command& command) {
    send(command);
    return receive();
  }
  // Several commands sent at once; one `receive` for each.
  void send(const Command& command);
  RedisReply receive();

 private:
  std::unique_ptr<redisContext, decltype(&redisFree)> context_;
  std::vector<const char*> texts_;
  std::vector<std::size_t> lengths_;
};

}  // namespace holdfast::bench
