// Conversations: writing, and reading by place. Windows, pruning and forks have files of their own.
#include "holdfast/conversation.hpp"

#include <algorithm>
#include <utility>

#include "holdfast/error.hpp"
#include "message_walk.hpp"

namespace holdfast {
namespace {

constexpr std::size_t first_page = 64;

// Sets messages that must be absent; those that were given an id are skipped where it is there.
class AppendBatch {
 public:
  AppendBatch(const Namespace& ns, MessageIdSource& ids, std::optional<Ttl> ttl)
      : ns_(ns), ids_(ids), ttl_(ttl) {}

  void add(const Message& message) {
    const bool has_id = !message.id().empty();
    appended_.push_back({has_id ? message.id() : ids_.next(), false});
    batch_.set(ns_, appended_.back().id, message.json(),
               {.precondition = Precondition::if_absent(), .ttl = ttl_},
               has_id ? OnUnmet::skip : OnUnmet::abort_batch);
  }

  // Empty where a generated id was taken.
  std::optional<std::vector<Appended>> write(Memory& memory, const Context& context) {
    const BatchResult result = memory.write(batch_, context);
    if (!result.applied) return std::nullopt;
    for (std::size_t i = 0; i < appended_.size(); ++i) {
      appended_[i].is_new = result.results[i].applied();
    }
    return std::move(appended_);
  }

 private:
  const Namespace& ns_;
  MessageIdSource& ids_;
  std::optional<Ttl> ttl_;
  WriteBatch batch_;
  std::vector<Appended> appended_;
};

[[noreturn]] void throw_too_many_attempts(const char* operation) {
  throw Error(ErrorCode::aborted,
              "others changed the end of the conversation at each of " +
                  std::to_string(Memory::max_attempts) + " attempts",
              {"", operation});
}

}  // namespace

Conversation::Conversation(Memory& memory, Namespace ns, std::shared_ptr<MessageIdSource> ids)
    : memory_(&memory), ns_(std::move(ns)), ids_(std::move(ids)) {
  if (!ids_) throw_invalid_argument("a conversation needs a source of message ids");
}

Appended Conversation::append(const Message& message, const AppendOptions& options,
                              const Context& context) {
  return append(std::span(&message, 1), options, context).front();
}

std::vector<Appended> Conversation::append(std::span<const Message> messages,
                                           const AppendOptions& options, const Context& context) {
  if (messages.empty()) return {};
  for (int attempt = 0; attempt < Memory::max_attempts; ++attempt) {
    AppendBatch batch(ns_, *ids_, options.ttl);
    for (const Message& message : messages) batch.add(message);
    if (auto appended = batch.write(*memory_, context)) return std::move(*appended);
  }
  throw Error(ErrorCode::aborted,
              "the source of message ids gave ids that are taken already at each of " +
                  std::to_string(Memory::max_attempts) + " attempts",
              {"", "conversation.append"});
}

std::uint64_t Conversation::count(const Context& context) const {
  return memory_->count(Scope{ns_, false}, context);
}

std::optional<Message> Conversation::get(std::string_view id, const Context& context) const {
  const auto entry = memory_->get_entry(ns_, id, {}, context);
  if (!entry) return std::nullopt;
  return Message::from_entry(*entry);
}

Message Conversation::require(std::string_view id, std::string_view operation,
                              const Context& context) const {
  auto message = get(id, context);
  if (message) return std::move(*message);
  throw Error(
      ErrorCode::failed_precondition,
      "the conversation '" + std::string(ns_.text()) + "' has no message '" + std::string(id) + "'",
      {"", std::string(operation)});
}

std::vector<Message> Conversation::last(std::size_t n, const Context& context) const {
  std::vector<Message> messages;
  if (n == 0) return messages;
  MemoryQuery query = in_order_of_conversation(ns_, Direction::descending);
  do {
    query.limit = std::min(n - messages.size(), MemoryQuery::max_limit);
    Page page = memory_->query(query, context);
    for (const Entry& entry : page.entries) messages.push_back(Message::from_entry(entry));
    query.cursor = std::move(page.cursor);
  } while (messages.size() < n && !query.cursor.empty());
  std::reverse(messages.begin(), messages.end());
  return messages;
}

MessagePage Conversation::page(const MessageQuery& wanted, const Context& context) const {
  if (!wanted.after_id.empty() && !wanted.cursor.empty()) {
    throw_invalid_argument("after_id and cursor exclude each other: a cursor says where to go on");
  }
  MemoryQuery query = in_order_of_conversation(ns_, wanted.direction);
  query.limit = wanted.limit;
  query.filter = wanted.filter;
  query.cursor = wanted.cursor;
  if (!wanted.after_id.empty()) {
    const Message after = require(wanted.after_id, "conversation.page", context);
    query.cursor = cursor_after(query, after.created_revision());
  }
  Page page = memory_->query(query, context);
  MessagePage result;
  result.cursor = std::move(page.cursor);
  result.messages.reserve(page.entries.size());
  for (const Entry& entry : page.entries) result.messages.push_back(Message::from_entry(entry));
  return result;
}

std::vector<Message> Conversation::range(std::string_view first_id, std::string_view last_id,
                                         const Context& context) const {
  const Message first = require(first_id, "conversation.range", context);
  std::optional<Message> last;
  if (!last_id.empty()) last = require(last_id, "conversation.range", context);
  std::vector<Message> messages;
  MemoryQuery query = in_order_of_conversation(ns_);
  query.cursor = cursor_after(query, first.created_revision() - 1);
  query.limit = first_page;
  walk(*memory_, std::move(query), context, [&](Message message) {
    if (last && message.created_revision() > last->created_revision()) return false;
    messages.push_back(std::move(message));
    return true;
  });
  return messages;
}

std::optional<Message> Conversation::pop(const Context& context) {
  for (int attempt = 0; attempt < Memory::max_attempts; ++attempt) {
    const std::vector<Message> newest = last(1, context);
    if (newest.empty()) return std::nullopt;
    const Message& message = newest.front();
    const WriteResult result =
        memory_->erase(ns_, message.id(),
                       {.precondition = Precondition::if_revision(message.revision())}, context);
    if (result.status == WriteStatus::erased) return message;
  }
  throw_too_many_attempts("conversation.pop");
}

std::vector<Message> Conversation::pop_turn(const Context& context) {
  for (int attempt = 0; attempt < Memory::max_attempts; ++attempt) {
    std::vector<Message> turn;
    WriteBatch batch;
    MemoryQuery query = in_order_of_conversation(ns_, Direction::descending);
    query.limit = first_page;
    walk(*memory_, std::move(query), context, [&](Message message) {
      turn.push_back(std::move(message));
      return turn.back().role() != Role::user;
    });
    if (turn.empty() || turn.back().role() != Role::user) return {};
    std::reverse(turn.begin(), turn.end());
    for (const Message& message : turn) {
      batch.erase(ns_, message.id(),
                  {.precondition = Precondition::if_revision(message.revision())});
    }
    if (memory_->write(batch, context).applied) return turn;
  }
  throw_too_many_attempts("conversation.pop_turn");
}

bool Conversation::edit(std::string_view id, const Message& message, const Context& context) {
  if (!message.id().empty() && message.id() != id) {
    throw_invalid_argument("the message '" + std::string(id) +
                           "' cannot be edited into one with the id '" + message.id() +
                           "': a message keeps its id");
  }
  const WriteResult result =
      memory_->set(ns_, id, message.json(),
                   {.precondition = Precondition::if_present(), .keep_ttl = true}, context);
  return result.applied();
}

bool Conversation::erase(std::string_view id, const Context& context) {
  return memory_->erase(ns_, id, {}, context).applied();
}

std::uint64_t Conversation::clear(const Context& context) {
  return memory_->clear(Scope{ns_, false}, context);
}

}  // namespace holdfast
