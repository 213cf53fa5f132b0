// Forks: copying the beginning of a conversation to another namespace.
#include <utility>
#include <vector>

#include "holdfast/conversation.hpp"
#include "holdfast/error.hpp"
#include "message_walk.hpp"

namespace holdfast {
namespace {

constexpr std::size_t messages_per_step = 1000;
constexpr std::size_t bytes_per_step = std::size_t{32} << 20;

[[noreturn]] void refuse_destination(const Namespace& destination) {
  throw Error(ErrorCode::failed_precondition,
              "the namespace '" + std::string(destination.text()) +
                  "' is not empty; a fork needs an empty one",
              {"", "conversation.fork"});
}

// Collects messages and writes them in steps, each a transaction that finds their places empty.
class Copier {
 public:
  Copier(Memory& memory, const Namespace& destination, const Context& context)
      : memory_(memory), destination_(destination), context_(context) {}

  void add(Message message) {
    bytes_ += message.json().json_text().size();
    step_.push_back(std::move(message));
    if (step_.size() >= messages_per_step || bytes_ >= bytes_per_step) flush();
  }

  void flush() {
    if (step_.empty()) return;
    memory_.transaction([this](Transaction& transaction) { write(transaction); }, context_);
    step_.clear();
    bytes_ = 0;
  }

 private:
  void write(Transaction& transaction) {
    std::vector<Address> places;
    places.reserve(step_.size());
    for (const Message& message : step_) places.push_back({destination_, message.id()});
    for (const auto& found : transaction.get_many(places)) {
      if (found) refuse_destination(destination_);
    }
    for (const Message& message : step_) {
      std::optional<Ttl> ttl;
      if (message.expires_at()) {
        if (*message.expires_at() <= transaction.now()) continue;
        ttl = Ttl(*message.expires_at() - transaction.now());
      }
      transaction.set(destination_, message.id(), message.json(), ttl);
    }
  }

  Memory& memory_;
  const Namespace& destination_;
  const Context& context_;
  std::vector<Message> step_;
  std::size_t bytes_ = 0;
};

}  // namespace

Conversation Conversation::fork(std::string_view last_id, const Namespace& destination,
                                const Context& context) const {
  const Message last = require(last_id, "conversation.fork", context);
  if (memory_->count(Scope{destination, false}, context) != 0) refuse_destination(destination);
  Copier copier(*memory_, destination, context);
  walk(*memory_, in_order_of_conversation(ns_), context, [&](Message message) {
    if (message.created_revision() > last.created_revision()) return false;
    copier.add(std::move(message));
    return true;
  });
  copier.flush();
  return Conversation(*memory_, destination, ids_);
}

}  // namespace holdfast
