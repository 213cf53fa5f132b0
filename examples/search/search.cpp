// An agent remembers: it searches a long conversation for what answers a question, takes along what
// was said around it, and puts that before the model instead of the whole conversation.
#include <exception>
#include <fstream>
#include <holdfast/chat_format.hpp>
#include <holdfast/conversation.hpp>
#include <holdfast/holdfast.hpp>
#include <iostream>
#include <string>

using namespace holdfast;

namespace {

void import(Conversation& chat, const char* file) {
  std::ifstream input(file);
  std::vector<Message> messages;
  read_chat(input, [&](Message message, ChatPosition) { messages.push_back(std::move(message)); });
  chat.append(messages);
}

void show(const Message& message, const char* lead) {
  std::cout << lead << to_string(message.role()) << ": " << message.text() << '\n';
}

void remember(const Conversation& chat, const std::string& question) {
  std::cout << '\n' << question << '\n';
  // Results of tools are found by their words too; here what people and the model said shall be.
  const MessageSearchPage found =
      chat.search({.text = question,
                   .filter = Filter::parse(R"({"role":{"$in":["user","assistant"]}})"),
                   .limit = 2,
                   .around = 1});
  for (const MessageHit& hit : found.hits) {
    for (const Message& message : hit.before) show(message, "    ");
    show(hit.message, "  * ");
    for (const Message& message : hit.after) show(message, "    ");
  }
}

void run(const char* file) {
  Memory memory = open("sqlite:agent.db");
  // One configuration for all chats of a family; each later message is found as soon as it is
  // there.
  memory.configure_search("families/1", SearchConfig::conversation());
  Conversation chat(memory, "families/1/chats/household");
  import(chat, file);
  std::cout << chat.count() << " messages\n";

  remember(chat, "When is Mila's dentist appointment?");
  remember(chat, "What did we say about the heating?");

  // The same over all chats of the family, and why the best one comes first.
  SearchQuery query;
  query.scope = {"families/1", true};
  query.text = "train tickets";
  query.limit = 1;
  query.explain = true;
  for (const SearchHit& hit : memory.search(query).hits) {
    std::cout << "\n" << hit.entry.key << " has the score " << hit.score << ", of which\n";
    for (const SearchExplanation::Term& term : hit.explanation->terms) {
      std::cout << "  " << term.score << " for \"" << term.term << "\"\n";
    }
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "search FILE: a conversation as JSON Lines, such as sample_conversation.jsonl\n";
    return 2;
  }
  try {
    run(argv[1]);
    return 0;
  } catch (const std::exception& error) {
    std::cerr << "search: " << error.what() << '\n';
    return 1;
  }
}
