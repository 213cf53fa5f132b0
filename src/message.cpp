#include "holdfast/message.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "holdfast/error.hpp"
#include "validate.hpp"

namespace holdfast {
namespace {

constexpr std::array<std::pair<std::string_view, Role>, 6> roles{{
    {"system", Role::system},
    {"developer", Role::developer},
    {"user", Role::user},
    {"assistant", Role::assistant},
    {"tool", Role::tool},
    {"function", Role::function},
}};

[[noreturn]] void refuse(std::string_view member, std::string_view allowed, ValueKind found) {
  throw_invalid_argument("the message's " + std::string(member) + " must be " +
                         std::string(allowed) + ", not " + std::string(to_string(found)));
}

Role checked_role(const MemoryValue& json) {
  if (json.kind() != ValueKind::map) {
    throw_invalid_argument("a message must be a JSON object, not " +
                           std::string(to_string(json.kind())));
  }
  constexpr std::string_view allowed = "system, developer, user, assistant, tool or function";
  const auto role = json.find("role");
  if (!role) throw_invalid_argument("the message has no role: " + std::string(allowed));
  const auto name = role->get_if<std::string>();
  if (!name) refuse("role", allowed, role->kind());
  if (const auto known = role_named(*name)) return *known;
  throw_invalid_argument("the message's role must be " + std::string(allowed) + ", not " +
                         std::string(role->json_text().substr(0, 64)));
}

void check_parts(const MemoryValue& parts) {
  std::size_t index = 0;
  for (const MemoryItem& part : parts.items()) {
    const std::string where = "content[" + std::to_string(index++) + "]";
    if (part.value.kind() != ValueKind::map) refuse(where, "an object", part.value.kind());
    const auto type = part.value.find("type");
    if (!type) throw_invalid_argument("the message's " + where + " has no type");
    if (type->kind() != ValueKind::string) refuse(where + ".type", "a string", type->kind());
  }
}

void check_content(const MemoryValue& json, Role role) {
  const auto content = json.find("content");
  const bool may_be_empty = role == Role::assistant || role == Role::tool || role == Role::function;
  if (!content) {
    if (may_be_empty) return;
    throw_invalid_argument("a message of role " + std::string(to_string(role)) +
                           " must have content, a string or a list of parts");
  }
  switch (content->kind()) {
    case ValueKind::string:
      return;
    case ValueKind::list:
      return check_parts(*content);
    case ValueKind::null:
      if (may_be_empty) return;
      [[fallthrough]];
    default:
      refuse("content",
             may_be_empty ? "a string, a list of parts or null" : "a string or a list of parts",
             content->kind());
  }
}

void check_string_or_null(const MemoryValue& json, std::string_view member) {
  const MemoryValue value = json[member];
  if (!value.is_null() && value.kind() != ValueKind::string) {
    refuse(member, "a string", value.kind());
  }
}

void check_calls(const MemoryValue& json) {
  const MemoryValue calls = json["tool_calls"];
  if (!calls.is_null() && calls.kind() != ValueKind::list) {
    refuse("tool_calls", "a list", calls.kind());
  }
  std::size_t index = 0;
  for (const MemoryItem& call : calls.items()) {
    const std::string where = "tool_calls[" + std::to_string(index++) + "]";
    if (call.value.kind() != ValueKind::map) refuse(where, "an object", call.value.kind());
    const MemoryValue id = call.value["id"];
    if (!id.is_null() && id.kind() != ValueKind::string)
      refuse(where + ".id", "a string", id.kind());
  }
  const MemoryValue call = json["function_call"];
  if (!call.is_null() && call.kind() != ValueKind::map) {
    refuse("function_call", "an object", call.kind());
  }
}

// The id that the JSON gives, or empty.
std::string own_id(const MemoryValue& json) {
  const auto id = json.find("id");
  return id ? id->get_if<std::string>().value_or("") : "";
}

// Text as it is; anything else, such as the objects that some servers send, as JSON text.
std::string text_of(const MemoryValue& value) {
  if (const auto text = value.get_if<std::string>()) return *text;
  return value.is_null() ? "" : std::string(value.json_text());
}

ToolCall read_call(const MemoryValue& call) {
  const MemoryValue function = call["function"];
  if (function.kind() == ValueKind::map) {
    return {text_of(call["id"]), text_of(function["name"]), text_of(function["arguments"])};
  }
  const MemoryValue custom = call["custom"];
  return {text_of(call["id"]), text_of(custom["name"]), text_of(custom["input"])};
}

}  // namespace

std::string_view to_string(Role role) noexcept {
  for (const auto& [name, known] : roles) {
    if (known == role) return name;
  }
  return "";
}

std::optional<Role> role_named(std::string_view name) noexcept {
  for (const auto& [known, role] : roles) {
    if (known == name) return role;
  }
  return std::nullopt;
}

Message Message::from_json(MemoryValue json) {
  const Role role = checked_role(json);
  check_content(json, role);
  check_string_or_null(json, "name");
  check_string_or_null(json, "tool_call_id");
  check_calls(json);
  Message message(role, std::move(json));
  message.id_ = own_id(message.json_);
  try {
    check_key(message.id_);
  } catch (const Error& error) {
    throw_invalid_argument("the message's id is not fit to be a key: " + error.message());
  }
  return message;
}

Message Message::parse(std::string_view json_text) {
  return from_json(MemoryValue::parse(json_text));
}

Message Message::of(Role role, const MemoryValue& content) {
  return from_json(MemoryValue::map({{"role", to_string(role)}, {"content", content}}));
}

Message Message::system(std::string_view text) { return of(Role::system, text); }
Message Message::user(std::string_view text) { return of(Role::user, text); }
Message Message::assistant(std::string_view text) { return of(Role::assistant, text); }

Message Message::calling(const std::vector<ToolCall>& calls, const MemoryValue& content) {
  std::vector<MemoryValue> list;
  list.reserve(calls.size());
  for (const ToolCall& call : calls) {
    list.push_back(MemoryValue::map(
        {{"id", call.id},
         {"type", "function"},
         {"function", MemoryValue::map({{"name", call.name}, {"arguments", call.arguments}})}}));
  }
  return from_json(MemoryValue::map({{"role", to_string(Role::assistant)},
                                     {"content", content},
                                     {"tool_calls", MemoryValue::list(list)}}));
}

Message Message::tool_result(std::string_view tool_call_id, const MemoryValue& content) {
  return from_json(MemoryValue::map(
      {{"role", to_string(Role::tool)}, {"tool_call_id", tool_call_id}, {"content", content}}));
}

Message Message::from_entry(const Entry& entry) {
  try {
    Message message(checked_role(entry.value), entry.value);
    message.id_ = entry.key;
    message.created_revision_ = entry.created_revision;
    message.revision_ = entry.revision;
    message.created_at_ = entry.created_at;
    message.expires_at_ = entry.expires_at;
    return message;
  } catch (const Error& error) {
    if (error.code() != ErrorCode::invalid_argument) throw;
    throw Error(ErrorCode::failed_precondition, "the entry '" + entry.key + "' in namespace '" +
                                                    std::string(entry.ns.text()) +
                                                    "' is not a message: " + error.message());
  }
}

bool Message::is_system() const noexcept {
  return role_ == Role::system || role_ == Role::developer;
}

bool Message::is_result() const noexcept { return role_ == Role::tool || role_ == Role::function; }

std::string Message::text() const {
  const MemoryValue whole = content();
  if (const auto text = whole.get_if<std::string>()) return *text;
  std::string text;
  for (const MemoryItem& part : whole.items()) {
    text += part.value["text"].get_if<std::string>().value_or("");
  }
  return text;
}

std::vector<ToolCall> Message::tool_calls() const {
  std::vector<ToolCall> calls;
  if (role_ != Role::assistant) return calls;
  for (const MemoryItem& call : json_["tool_calls"].items()) calls.push_back(read_call(call.value));
  const MemoryValue function = json_["function_call"];
  if (function.kind() == ValueKind::map) {
    calls.push_back({"", text_of(function["name"]), text_of(function["arguments"])});
  }
  return calls;
}

std::optional<std::size_t> Message::tokens() const {
  const auto tokens = json_["tokens"].get_if<std::int64_t>();
  if (!tokens || !std::in_range<std::size_t>(*tokens)) return std::nullopt;
  return static_cast<std::size_t>(*tokens);
}

Message Message::with(std::string_view member, const MemoryValue& value) const {
  Message changed = from_json(json_.with(member, value));
  if (changed.id_.empty()) changed.id_ = id_;
  return changed;
}

Message Message::with_metadata(const MemoryValue& map) const {
  if (map.kind() != ValueKind::map) refuse("metadata", "a map", map.kind());
  return with("metadata", map);
}

MemoryValue Message::to_json() const {
  return id_.empty() || own_id(json_) == id_ ? json_ : json_.with("id", id_);
}

MemoryValue Message::to_openai() const {
  return json_.without("id").without("metadata").without("tokens");
}

std::optional<std::string> Message::string_member(std::string_view member) const {
  return json_[member].get_if<std::string>();
}

bool answers(const Message& result, const Message& call) {
  if (!result.is_result() || call.role() != Role::assistant) return false;
  const std::vector<ToolCall> calls = call.tool_calls();
  const auto id = result.role() == Role::tool ? result.tool_call_id() : std::nullopt;
  const auto name = result.role() == Role::function ? result.name() : std::nullopt;
  return std::any_of(calls.begin(), calls.end(), [&](const ToolCall& made) {
    if (id) return made.id == *id;
    return !name || made.name == *name;
  });
}

}  // namespace holdfast
