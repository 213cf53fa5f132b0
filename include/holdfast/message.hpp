/// @file
/// Chat messages, in the JSON form of the OpenAI chat completions interface.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "holdfast/entry.hpp"
#include "holdfast/value.hpp"

namespace holdfast {

enum class Role : std::uint8_t { system, developer, user, assistant, tool, function };

/// The role as it stands in a message, for example "assistant".
[[nodiscard]] std::string_view to_string(Role role) noexcept;
/// The role of that name, or empty.
[[nodiscard]] std::optional<Role> role_named(std::string_view name) noexcept;

/// One call of a tool by an assistant.
struct ToolCall {
  std::string id;         ///< What the result's `tool_call_id` refers to; may be empty.
  std::string name;       ///< Of the function.
  std::string arguments;  ///< JSON text, as the model wrote it.

  [[nodiscard]] friend bool operator==(const ToolCall&, const ToolCall&) = default;
};

/// A chat message: its JSON, unchanged, with what is needed to look into it. Immutable; copies are
/// cheap; safe to share between threads.
///
/// Holdfast's own additions to the JSON are the members `id` (a string), `metadata` and `tokens`,
/// each there only when it was given. A message that was given no id gets one when it is appended;
/// that one is the entry's key and does not stand in the JSON.
class Message {
 public:
  /// Takes a message's JSON. Throws `InvalidArgument`, naming the member, unless it is a map with
  /// a known `role`; `content` that is text or a list of parts with a `type` (assistant, tool and
  /// function messages may have null or none); `name` and `tool_call_id`, where there, strings;
  /// `tool_calls`, where there, a list of maps; `function_call`, where there, a map; `id`, where
  /// it is a string that is not empty, fit to be a key. Other members may be anything.
  [[nodiscard]] static Message from_json(MemoryValue json);
  /// As `from_json`, from JSON text.
  [[nodiscard]] static Message parse(std::string_view json_text);
  /// `content`: text, a list of parts, or null.
  [[nodiscard]] static Message of(Role role, const MemoryValue& content);
  [[nodiscard]] static Message system(std::string_view text);
  [[nodiscard]] static Message user(std::string_view text);
  [[nodiscard]] static Message assistant(std::string_view text);
  /// An assistant's message that calls tools, with text beside the calls or without.
  [[nodiscard]] static Message calling(const std::vector<ToolCall>& calls,
                                       const MemoryValue& content = {});
  [[nodiscard]] static Message tool_result(std::string_view tool_call_id,
                                           const MemoryValue& content);
  /// A message as a store gave it. Throws `FailedPrecondition` where the entry is no message.
  [[nodiscard]] static Message from_entry(const Entry& entry);

  [[nodiscard]] Role role() const noexcept { return role_; }
  /// Whether it instructs the model: system and developer messages.
  [[nodiscard]] bool is_system() const noexcept;
  /// Whether it answers a call: tool and function messages.
  [[nodiscard]] bool is_result() const noexcept;
  /// Empty for a message that was given none and was not read from a store.
  [[nodiscard]] const std::string& id() const noexcept { return id_; }
  /// Text, a list of parts, or null.
  [[nodiscard]] MemoryValue content() const { return json_["content"]; }
  /// The text, or that of all text parts one after the other; empty for null.
  [[nodiscard]] std::string text() const;
  [[nodiscard]] std::optional<std::string> name() const { return string_member("name"); }
  /// The calls of `tool_calls` and, in older messages, of `function_call`.
  [[nodiscard]] std::vector<ToolCall> tool_calls() const;
  /// Which call this message answers.
  [[nodiscard]] std::optional<std::string> tool_call_id() const {
    return string_member("tool_call_id");
  }
  [[nodiscard]] MemoryValue metadata() const { return json_["metadata"]; }  ///< Null: none.
  /// The stored number of tokens; empty where none, or no such number, was given.
  [[nodiscard]] std::optional<std::size_t> tokens() const;

  // Copies with one member set.
  [[nodiscard]] Message with(std::string_view member, const MemoryValue& value) const;
  [[nodiscard]] Message with_id(std::string_view id) const { return with("id", id); }
  [[nodiscard]] Message with_name(std::string_view name) const { return with("name", name); }
  [[nodiscard]] Message with_metadata(const MemoryValue& map) const;
  [[nodiscard]] Message with_tokens(std::size_t tokens) const { return with("tokens", tokens); }

  /// The message exactly as it was given.
  [[nodiscard]] const MemoryValue& json() const noexcept { return json_; }
  /// The message with its id, also where that was generated.
  [[nodiscard]] MemoryValue to_json() const;
  /// The message as a model takes it: without `id`, `metadata` and `tokens`.
  [[nodiscard]] MemoryValue to_openai() const;

  // Where and when it was stored; 0 and empty for a message that was not read from a store.
  /// Its place in the conversation: later messages have greater ones.
  [[nodiscard]] Revision created_revision() const noexcept { return created_revision_; }
  [[nodiscard]] Revision revision() const noexcept { return revision_; }
  [[nodiscard]] std::optional<Timestamp> created_at() const noexcept { return created_at_; }
  [[nodiscard]] std::optional<Timestamp> expires_at() const noexcept { return expires_at_; }

  /// Same id and same JSON.
  [[nodiscard]] friend bool operator==(const Message& a, const Message& b) noexcept {
    return a.id_ == b.id_ && a.json_ == b.json_;
  }

 private:
  Message(Role role, MemoryValue json) : role_(role), json_(std::move(json)) {}
  [[nodiscard]] std::optional<std::string> string_member(std::string_view member) const;

  Role role_;
  MemoryValue json_;
  std::string id_;
  Revision created_revision_ = 0;
  Revision revision_ = 0;
  std::optional<Timestamp> created_at_;
  std::optional<Timestamp> expires_at_;
};

/// Whether `result` answers a call that `call` makes: a tool message by its `tool_call_id`, a
/// function message by its name; one that has neither answers any call.
[[nodiscard]] bool answers(const Message& result, const Message& call);

}  // namespace holdfast
