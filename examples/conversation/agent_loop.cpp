// An agent's loop over a stored conversation: each step sends the model a window of it, runs the
// tools that the model calls, and appends what came of it. The model here is a few lines of rules
// in place of a real one, so that the example runs anywhere.
#include <cstddef>
#include <exception>
#include <holdfast/conversation.hpp>
#include <holdfast/holdfast.hpp>
#include <iostream>
#include <string>
#include <vector>

using namespace holdfast;

namespace {

// What would be a request to a model: takes chat messages as JSON, answers with one.
Message ask_model(const std::vector<MemoryValue>& messages) {
  const Message newest = Message::from_json(messages.back());
  if (newest.role() == Role::tool) {
    return Message::assistant("It says: " + newest.text() + ".");
  }
  if (newest.text().find("weather") != std::string::npos) {
    return Message::calling(
        {{"call_" + std::to_string(messages.size()), "weather", R"({"place":"Lisbon"})"}});
  }
  return Message::assistant("Gladly. What would you like to know?");
}

std::string run_tool(const ToolCall& call) {
  const MemoryValue arguments = MemoryValue::parse(call.arguments);
  if (call.name != "weather") return "there is no tool " + call.name;
  return "sunny, 24 degrees in " + arguments["place"].get<std::string>();
}

// A rough count; use your model's tokenizer.
std::size_t count_tokens(const Message& message) {
  return message.to_openai().json_text().size() / 4 + 1;
}

// One turn: from the user's question to the assistant's answer.
std::string answer(Conversation& chat, const std::string& question) {
  chat.append(Message::user(question));
  for (;;) {
    std::vector<MemoryValue> request;
    const Window window = chat.window({.max_tokens = 120, .count_tokens = count_tokens});
    for (const Message& message : window.messages) request.push_back(message.to_openai());

    const Message reply = ask_model(request);
    const std::vector<ToolCall> calls = reply.tool_calls();
    if (calls.empty()) {
      chat.append(reply);
      return reply.text();
    }
    // The calls and their results go in together: no crash leaves one without the other.
    std::vector<Message> step{reply};
    for (const ToolCall& call : calls) {
      step.push_back(Message::tool_result(call.id, run_tool(call)));
    }
    chat.append(step);
  }
}

void show(const Conversation& chat) {
  std::cout << chat.ns().text() << ", " << chat.count() << " messages:\n";
  for (const Message& message : chat.last(4)) {
    std::cout << "  " << to_string(message.role()) << ": ";
    for (const ToolCall& call : message.tool_calls()) {
      std::cout << call.name << call.arguments << ' ';
    }
    std::cout << message.text() << '\n';
  }
}

void run() {
  Memory memory = open("sqlite:agent.db");
  Conversation chat(memory, "agents/guide/ada");
  chat.append(Message::system("You are a travel guide. Answer in one sentence."));
  answer(chat, "Hello! I am going to Lisbon.");
  answer(chat, "How is the weather there?");
  show(chat);

  // Try another way from the user's newest question, and leave the first as it is.
  const MessagePage questions = chat.page({.limit = 1,
                                           .direction = Direction::descending,
                                           .filter = Filter::parse(R"({"role":"user"})")});
  Conversation other = chat.fork(questions.messages.front().id(), "agents/guide/ada-again");
  other.pop();
  answer(other, "Never mind the weather, what is there to see?");
  show(other);

  const Window window = chat.window({.max_tokens = 120, .count_tokens = count_tokens});
  std::cout << "The window holds " << window.messages.size() << " messages of " << window.tokens
            << " tokens and leaves out " << window.left_out << ".\n";
  for (const ConversationSummary& each : list_conversations(memory, "agents").conversations) {
    std::cout << each.ns.text() << ": " << each.messages << " messages\n";
  }
}

}  // namespace

int main() {
  try {
    run();
    return 0;
  } catch (const std::exception& error) {
    std::cerr << "agent_loop: " << error.what() << '\n';
    return 1;
  }
}
