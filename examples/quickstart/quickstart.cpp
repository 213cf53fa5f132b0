#include <holdfast/conversation.hpp>
#include <holdfast/holdfast.hpp>
#include <iostream>

using namespace holdfast;

int main() {
  Memory memory = open("sqlite:agent.db");  // or "memory:"
  Conversation chat(memory, "users/ada/chat");

  chat.append(Message::parse(R"({"role":"system","content":"You are a helpful assistant."})"));
  chat.append(Message::user("I left my keys in the blue bowl."));
  chat.append(Message::assistant("Noted: the keys are in the blue bowl."));

  for (const Message& message : chat.last(2)) {
    std::cout << to_string(message.role()) << ": " << message.text() << '\n';
  }
  // What fits a budget: whole turns, the system message kept, tool calls with their results.
  const Window window = chat.window({.max_tokens = 4000, .count_tokens = [](const Message& m) {
                                       return m.text().size() / 4 + 4;
                                     }});
  std::cout << window.messages.size() << " messages, " << window.tokens << " tokens\n";
}
