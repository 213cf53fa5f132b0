/// @file
/// Conversations: chat messages in order, in a namespace of any store.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "holdfast/memory.hpp"
#include "holdfast/message.hpp"
#include "holdfast/message_id.hpp"
#include "holdfast/search.hpp"

namespace holdfast {

struct AppendOptions {
  std::optional<Ttl> ttl{};  ///< Of each message that is new; empty: it does not expire.
};

/// What became of one message of an append.
struct Appended {
  std::string id;
  bool is_new = false;  ///< False: a message of that id was there, and nothing changed.
};

/// How many tokens a message costs. Called once for a message, without a lock.
using TokenCounter = std::function<std::size_t(const Message&)>;

/// Which system and developer messages a window or a prune keeps besides the newest messages.
enum class KeepSystem : std::uint8_t {
  all,      ///< Every one. Reads the whole conversation for them.
  leading,  ///< Those before the first other message; later ones count as any message.
  none,     ///< A window has none of them; a prune treats them as any message.
};

struct WindowOptions {
  std::size_t max_tokens = 0;  ///< Of all messages of the window, system messages included.
  /// For messages without a stored `tokens`; when empty, such a message is `InvalidArgument`.
  TokenCounter count_tokens{};
  KeepSystem keep_system = KeepSystem::all;
};

/// What fits a budget; see `Conversation::window`.
struct Window {
  std::vector<Message> messages;    ///< Oldest first, system messages in their places.
  std::size_t tokens = 0;           ///< What they cost; never over the budget.
  std::size_t left_out = 0;         ///< Messages of the conversation that are not in it.
  std::size_t system_left_out = 0;  ///< Those to be kept that alone pass the budget.
};

struct MessageQuery {
  std::size_t limit = MemoryQuery::default_limit;  ///< 1 to `MemoryQuery::max_limit`.
  Direction direction = Direction::ascending;      ///< Descending: newest first.
  Filter filter{};                                 ///< On the message's JSON.
  /// Begins after this message in the direction of reading; excludes `cursor`.
  std::string after_id{};
  /// The cursor of an earlier page of the same query; only `limit` may differ.
  std::string cursor{};
};

struct MessagePage {
  std::vector<Message> messages;  ///< In the direction of reading.
  std::string cursor;             ///< For the page after this one; empty: there is none.
};

struct MessageSearch {
  static constexpr std::size_t max_around = 100;

  std::string text{};  ///< Words. Nothing in it is an operator.
  Filter filter{};     ///< On the message's JSON. Leaves out hits; has no part in the scores.
  std::size_t limit = SearchQuery::default_limit;  ///< 1 to `SearchQuery::max_limit`.
  std::size_t around = 0;  ///< So many messages before and after each hit; up to `max_around`.
  bool explain = false;
  /// The cursor of an earlier page of the same search, of which only `limit`, `around` and
  /// `explain` may differ.
  std::string cursor{};
};

struct MessageHit {
  Message message;
  double score = 0;             ///< As in `SearchHit`.
  std::vector<Message> before;  ///< Up to `MessageSearch::around`, oldest first.
  std::vector<Message> after;   ///< Likewise. Hits may stand around each other.
  std::optional<SearchExplanation> explanation{};
};

struct MessageSearchPage {
  std::vector<MessageHit> hits;  ///< Best first; of equal scores the newest comes first.
  std::string cursor;            ///< For the page after this one; empty: there is none.
};

/// What to erase; at least one of the first three. With several, what any of them names.
struct PruneOptions {
  std::optional<std::size_t> keep_last{};  ///< All but this many, kept system messages not counted.
  std::optional<Timestamp> older_than{};   ///< All before the first message created at or after it.
  std::string before_id{};                 ///< All before this message.
  KeepSystem keep_system = KeepSystem::all;
  /// Keeps a call of tools, and all after it, where its (first) result is kept.
  bool keep_calls_with_results = true;
};

/// A conversation: the messages of one namespace, each an entry whose key is the message's id and
/// whose value is its JSON, in the order in which they were appended (`created_revision`; time
/// stamps have no part in it). Docs: docs/design/0005-conversations.md.
///
/// Appending costs the same however long the conversation is, and any number of threads and
/// processes may append at once: nothing is lost and all see one order. Any number of threads may
/// use one object at once; the `Memory` must outlive it. Errors are those of `Memory`; besides,
/// `FailedPrecondition` where the namespace holds an entry that is no message, or not the message
/// that an argument names.
class Conversation {
 public:
  Conversation(Memory& memory, Namespace ns, std::shared_ptr<MessageIdSource> ids = message_ids());

  [[nodiscard]] const Namespace& ns() const noexcept { return ns_; }

  /// Adds at the end. A message whose id is there already, edited or not, changes nothing, so that
  /// an append whose outcome is unknown can be done again when the message was given an id.
  Appended append(const Message& message, const AppendOptions& options = {},
                  const Context& context = {});
  /// All in order in one atomic write; one result each. As many as a batch of the store takes.
  std::vector<Appended> append(std::span<const Message> messages, const AppendOptions& options = {},
                               const Context& context = {});

  [[nodiscard]] std::uint64_t count(const Context& context = {}) const;
  [[nodiscard]] std::optional<Message> get(std::string_view id, const Context& context = {}) const;
  /// The newest `n`, oldest first. Reads no others.
  [[nodiscard]] std::vector<Message> last(std::size_t n, const Context& context = {}) const;
  [[nodiscard]] MessagePage page(const MessageQuery& query = {}, const Context& context = {}) const;
  /// From one message to another, both included; an empty `last_id`: to the end. Empty where the
  /// second stands before the first.
  [[nodiscard]] std::vector<Message> range(std::string_view first_id, std::string_view last_id = {},
                                           const Context& context = {}) const;

  /// Makes its messages searchable by `SearchConfig::conversation()`, those that are there and
  /// those to come, unless a configuration governs it already: its own, or that of a namespace
  /// above. Whether anything was changed. For all conversations of an owner, and searches over
  /// them, give the owner's namespace that configuration by `Memory::configure_search` instead.
  bool make_searchable(const Context& context = {});
  /// The best messages for a text, and on request what was said around them; reads no others.
  /// `FailedPrecondition` where the conversation is not searchable.
  [[nodiscard]] MessageSearchPage search(const MessageSearch& wanted,
                                         const Context& context = {}) const;

  /// The newest whole turns that fit a budget, and the system messages to be kept. A turn is a
  /// user message and all until the next one.
  ///
  /// - The budget is never passed. System messages count first, oldest first; where they do not
  ///   all fit, the window has the first of them and nothing else.
  /// - A newest turn that does not fit as a whole gives its user message and, after it, as many of
  ///   its newest messages as fit, beginning anywhere but at a result; or these without the user
  ///   message where that one does not fit beside the newest; or nothing.
  /// - A result stands in the window only together with the call that it answers.
  ///
  /// Messages appended or erased by others meanwhile may or may not be in it.
  [[nodiscard]] Window window(const WindowOptions& options, const Context& context = {}) const;

  /// Erases the newest message and returns it; empty where there is none. Two that race get
  /// different ones. `Aborted` after `Memory::max_attempts`.
  std::optional<Message> pop(const Context& context = {});
  /// As `pop`, from the newest user message to the end, oldest first, in one atomic write; empty
  /// where there is no user message.
  std::vector<Message> pop_turn(const Context& context = {});
  /// Puts another message in the place of one; it keeps its id, place and deadline. Whether there
  /// was one. `InvalidArgument` where `message` has another id of its own.
  bool edit(std::string_view id, const Message& message, const Context& context = {});
  /// Whether there was one.
  bool erase(std::string_view id, const Context& context = {});
  /// Erases from the beginning; says how many went. In atomic steps of about 10,000 messages,
  /// oldest first; none begins at a result.
  std::size_t prune(const PruneOptions& options, const Context& context = {});
  /// Erases all; says how many went.
  std::uint64_t clear(const Context& context = {});

  /// Copies all messages up to `last_id`, it included, to an empty namespace, with their ids,
  /// order and deadlines, and returns the conversation there. In atomic steps of about 1,000
  /// messages; when one fails, those before it stay. `FailedPrecondition` where `destination` is
  /// not empty.
  [[nodiscard]] Conversation fork(std::string_view last_id, const Namespace& destination,
                                  const Context& context = {}) const;

 private:
  [[nodiscard]] Message require(std::string_view id, std::string_view operation,
                                const Context& context) const;
  [[nodiscard]] std::vector<Message> kept_system(KeepSystem keep, const Context& context) const;

  Memory* memory_;
  Namespace ns_;
  std::shared_ptr<MessageIdSource> ids_;
};

struct ConversationSummary {
  Namespace ns;
  std::uint64_t messages = 0;
  Timestamp first_at{};  ///< When its first message was appended.
  Timestamp last_at{};   ///< When its last message was appended.
};

struct ConversationPage {
  std::vector<ConversationSummary> conversations;  ///< Sorted by namespace.
  std::string cursor;                              ///< Empty: there are no more.
};

/// The conversations at and below `owner`: namespaces whose newest entry is a message. `limit` is
/// 1 to `NamespaceQuery::max_limit`.
[[nodiscard]] ConversationPage list_conversations(Memory& memory, const Namespace& owner,
                                                  std::size_t limit = NamespaceQuery::default_limit,
                                                  const std::string& cursor = {},
                                                  const Context& context = {});

}  // namespace holdfast
