// Redis by hiredis. An entry is a string under its whole key; beside it each namespace has a sorted
// set of its keys, in the order in which they were made.
#include <algorithm>

#include "contests.hpp"
#include "redis_server.hpp"
#include "support/contest.hpp"

namespace holdfast::bench {
namespace {

class Redis {
 public:
  explicit Redis(RedisDurability durability) : server_(durability), connection_(server_.socket()) {
    for (const std::uint32_t entry : prepared().entries) {
      keys_.push_back(whole_key(entry));
      indexes_.push_back("newest/" + namespace_text(entry));
    }
    constexpr std::uint64_t at_once = 1'000;
    for (std::uint64_t first = 0; first < redis_entries; first += at_once) fill(first, at_once);
  }

  void get(std::size_t call) {
    require(connection_.run({"GET", key(call)})->type == REDIS_REPLY_STRING);
  }
  void set(std::size_t call) {
    require(connection_.run({"SET", key(call), text(call)})->type == REDIS_REPLY_STATUS);
  }
  void get_pipelined(std::size_t call) {
    for (std::size_t i = 0; i < keys_at_once; ++i) connection_.send({"GET", key(call + i)});
    for (std::size_t i = 0; i < keys_at_once; ++i) {
      require(connection_.receive()->type == REDIS_REPLY_STRING);
    }
  }
  void set_pipelined(std::size_t call) {
    for (std::size_t i = 0; i < keys_at_once; ++i) {
      connection_.send({"SET", key(call + i), text(call + i)});
    }
    for (std::size_t i = 0; i < keys_at_once; ++i) {
      require(connection_.receive()->type == REDIS_REPLY_STATUS);
    }
  }
  void get_many(std::size_t call) {
    RedisConnection::Command command{"MGET"};
    for (std::size_t i = 0; i < keys_at_once; ++i) command.push_back(key(call + i));
    require(connection_.run(command)->elements == keys_at_once);
  }
  void newest(std::size_t call) {
    const RedisReply found =
        connection_.run({"ZREVRANGE", indexes_[call & (places_prepared - 1)], "0", "49"});
    require(found->elements == newest_entries);
    RedisConnection::Command command{"MGET"};
    for (std::size_t i = 0; i < found->elements; ++i) {
      command.emplace_back(found->element[i]->str, found->element[i]->len);
    }
    require(connection_.run(command)->elements == newest_entries);
  }

 private:
  [[nodiscard]] const std::string& key(std::size_t call) const {
    return keys_[call & (places_prepared - 1)];
  }
  [[nodiscard]] static const std::string& text(std::size_t call) {
    return prepared().texts[call % prepared().texts.size()];
  }

  void fill(std::uint64_t first, std::uint64_t count) {
    for (std::uint64_t entry = first; entry < first + count; ++entry) {
      connection_.send({"SET", whole_key(entry), value_text(redis_value_bytes, entry)});
      connection_.send(
          {"ZADD", "newest/" + namespace_text(entry), std::to_string(entry), whole_key(entry)});
    }
    for (std::uint64_t i = 0; i < 2 * count; ++i) connection_.receive();
  }

  RedisServer server_;
  RedisConnection connection_;
  std::vector<std::string> keys_;
  std::vector<std::string> indexes_;
};

// Each server is started when it is first asked for.
template <RedisDurability durability>
Redis& redis() {
  static Redis server(durability);
  return server;
}

template <RedisDurability durability>
void add(const char* operation, const char* contestant, void (Redis::*call)(std::size_t),
         std::size_t items) {
  register_contestant(redis_contest(operation), contestant, [=](benchmark::State& state) {
    Redis& server = redis<durability>();
    static std::size_t next = 0;
    for (auto _ : state) {
      (server.*call)(next);
      next += items;
    }
    state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(items));
  });
}

}  // namespace

void register_redis() {
  using enum RedisDurability;
  add<none>("get", "redis", &Redis::get, 1);
  add<none>("get", "redis_pipelined", &Redis::get_pipelined, keys_at_once);
  add<none>("set", "redis", &Redis::set, 1);
  add<none>("set", "redis_pipelined", &Redis::set_pipelined, keys_at_once);
  add<everysec>("set", "redis_everysec", &Redis::set, 1);
  add<everysec>("set", "redis_everysec_pipelined", &Redis::set_pipelined, keys_at_once);
  add<always>("set", "redis_always", &Redis::set, 1);
  add<always>("set", "redis_always_pipelined", &Redis::set_pipelined, keys_at_once);
  add<none>("get_many", "redis", &Redis::get_many, keys_at_once);
  add<none>("newest", "redis", &Redis::newest, 1);
}

}  // namespace holdfast::bench
