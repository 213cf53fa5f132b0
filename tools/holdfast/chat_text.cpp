#include "chat_text.hpp"

#include <string_view>

#include "display.hpp"

namespace holdfast::program {
namespace {

std::string indented(std::string_view text) {
  std::string lines;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    lines += "  " + escape_controls(text.substr(0, end)) + "\n";
    if (end == std::string_view::npos) break;
    text.remove_prefix(end + 1);
  }
  return lines;
}

/// What stands beside the text: images and other parts are named, not shown.
std::string other_parts(const Message& message) {
  std::string lines;
  const MemoryValue content = message.content();
  if (content.kind() != ValueKind::list) return lines;
  for (const MemoryItem& item : content.items()) {
    const auto type = item.value["type"].get_if<std::string>();
    if (type && *type != "text") lines += "  [" + escape_controls(*type) + "]\n";
  }
  return lines;
}

}  // namespace

std::string message_text(const Message& message, bool with_id) {
  std::string text;
  if (message.created_at()) text += format_time(*message.created_at()) + "  ";
  text += to_string(message.role());
  if (const auto name = message.name()) text += " (" + escape_controls(*name) + ")";
  if (const auto call = message.tool_call_id()) text += " for " + escape_controls(*call);
  if (with_id) text += "  " + escape_controls(message.id());
  text += "\n" + indented(message.text()) + other_parts(message);
  for (const ToolCall& call : message.tool_calls()) {
    text += "  calls " + escape_controls(call.name + "(" + call.arguments + ")");
    if (!call.id.empty()) text += " as " + escape_controls(call.id);
    text += "\n";
  }
  return text;
}

}  // namespace holdfast::program
