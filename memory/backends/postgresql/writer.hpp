// Runs writes: the session that they belong to, their repetition after conflicts, and what became
// of one whose connection was lost.
#pragma once

#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "holdfast/context.hpp"
#include "holdfast/error.hpp"
#include "retry.hpp"
#include "store.hpp"

namespace holdfast::postgresql {

// Names a write: the session that it belongs to, and its number there.
struct WriteMark {
  std::int64_t session = 0;
  std::int64_t nonce = 0;
};

[[nodiscard]] CommitToken make_token(const WriteMark& mark);
// Throws InvalidArgument for text of another form.
[[nodiscard]] WriteMark parse_token(const CommitToken& token);

// Safe to use from many threads.
class Writer {
 public:
  // A write: `run` does it on a connection, in one transaction that ends with leave_write under the
  // connection's session and nonce, and takes its results. `take_kept` takes them from what the
  // transaction left in its session instead, where it left them; it says whether that will do.
  struct Write {
    std::function<void(Connection&)> run;
    std::function<bool(const std::vector<std::int64_t>&)> take_kept;
  };

  explicit Writer(Store& store);

  // Returns once the write is applied, or has ended without a change (an unmet precondition).
  // Throws CommitUnknown where nobody can say; after any other error nothing was changed.
  void write(const Write& write, const Context& context);
  // What became of a write; empty: it is not known, or not yet.
  [[nodiscard]] std::optional<bool> resolve(const WriteMark& mark, const Context& context);
  // Forgets the connection's session, which has nothing in doubt.
  void end_session(Connection& connection, const Context& context) const;

  // The arguments that every writing function begins with.
  void add_head(Arguments& arguments, const Connection& connection, const Context& context) const;

 private:
  enum class Step { done, again };
  struct Settled {
    bool has_session = false;
    std::int64_t nonce = 0;
    std::optional<std::vector<std::int64_t>> results{};
  };

  Step attempt(const Write& write, Backoff& backoff, const Context& context);
  void begin_session(Connection& connection, const Context& context);
  [[nodiscard]] std::optional<Settled> settle(const WriteMark& mark, const Context& context);
  Step after_conflict(Connection& connection, const Error& error, std::string_view sqlstate,
                      Backoff& backoff, const Context& context);
  Step after_loss(const WriteMark& mark, const Write& write, const Error& error, Backoff& backoff,
                  const Context& context);

  Store& store_;
  const Statement open_session_;
  const Statement close_session_;
  const Statement settle_;
  const Statement recover_;
  std::mutex random_mutex_;
  std::mt19937_64 random_{std::random_device{}()};
};

}  // namespace holdfast::postgresql
