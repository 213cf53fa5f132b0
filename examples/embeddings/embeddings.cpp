// An agent remembers by meaning: a model behind HTTP makes a vector of each message, and a question
// is answered from what shares its words and from what means the same, both fused.
#include <chrono>
#include <cstdlib>
#include <exception>
#include <fstream>
#include <holdfast/chat_format.hpp>
#include <holdfast/conversation.hpp>
#include <holdfast/holdfast.hpp>
#include <holdfast/hybrid_search.hpp>
#include <iomanip>
#include <iostream>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "http_embedder.hpp"

using namespace holdfast;

namespace {

constexpr auto usage = R"(embeddings FILE QUESTION [STORE]
  FILE      a conversation as JSON Lines, such as sample_conversation.jsonl
  STORE     where it is kept, such as sqlite:agent.db; without it in memory
In the environment:
  EMBEDDINGS_URL      a server with OpenAI's interface, such as http://localhost:11434/v1
  EMBEDDINGS_MODEL    one of its models of embeddings, such as nomic-embed-text
  EMBEDDINGS_API_KEY  its key, where it asks for one
)";

std::string from_environment(const char* name) {
  const char* const value = std::getenv(name);
  return value == nullptr ? "" : value;
}

// Empty where what has to be set is not.
std::optional<example::EmbeddingEndpoint> endpoint() {
  example::EmbeddingEndpoint endpoint{from_environment("EMBEDDINGS_URL"),
                                      from_environment("EMBEDDINGS_MODEL"),
                                      from_environment("EMBEDDINGS_API_KEY")};
  if (endpoint.url.empty() || endpoint.model.empty()) return std::nullopt;
  return endpoint;
}

void import(Conversation& chat, const char* file) {
  if (chat.count() > 0) return;  // Of an earlier run.
  std::ifstream input(file);
  if (!input) throw std::runtime_error(std::string("cannot read ") + file);
  std::vector<Message> messages;
  read_chat(input, [&](Message message, ChatPosition) { messages.push_back(std::move(message)); });
  chat.append(messages);
}

std::string shown(std::optional<std::size_t> rank) { return rank ? std::to_string(*rank) : "-"; }

void answer(HybridSearch& search, const std::string& question) {
  HybridQuery query;
  query.scope = {"families/1", true};
  query.text = question;
  // Results of tools are found too; here what people and the model said shall be.
  query.filter = Filter::parse(R"({"role":{"$in":["user","assistant"]}})");
  query.limit = 5;
  // Whoever asks does not wait for long.
  const Context context{.deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20)};
  std::cout << question << "\n   score   words  vectors\n";
  for (const HybridHit& hit : search.search(query, context)) {
    const Message message = Message::from_entry(hit.entry);
    std::cout << std::fixed << std::setprecision(6) << hit.score << std::setw(7)
              << shown(hit.words_rank) << std::setw(9) << shown(hit.vectors_rank) << "  "
              << to_string(message.role()) << ": " << message.text() << '\n';
  }
}

void run(const example::EmbeddingEndpoint& endpoint, const char* file, const char* question,
         const char* store) {
  example::HttpEmbedder embedder(endpoint);
  Memory memory = open(store);
  HybridSearch search(memory, embedder);
  // Once for all chats of a family. Another model later on is another configuration: the vectors of
  // the earlier one are forgotten, and made anew below.
  memory.configure_search("families/1", search.with_embedding(SearchConfig::conversation()));
  Conversation chat(memory, "families/1/chats/household");
  import(chat, file);
  // No write waits for the model: an agent does this now and then, or after each turn.
  const std::uint64_t made = search.embed({"families/1", true});
  std::cout << chat.count() << " messages; " << made << " vectors made by " << embedder.model()
            << ", " << embedder.dimensions() << " dimensions\n\n";
  answer(search, question);
}

}  // namespace

int main(int argc, char** argv) {
  const std::optional<example::EmbeddingEndpoint> model = endpoint();
  if (argc < 3 || argc > 4 || !model) {
    if (!model) std::cerr << "embeddings: set EMBEDDINGS_URL and EMBEDDINGS_MODEL\n";
    std::cerr << usage;
    return 2;
  }
  try {
    run(*model, argv[1], argv[2], argc == 4 ? argv[3] : "memory:");
    return 0;
  } catch (const std::exception& error) {
    std::cerr << "embeddings: " << error.what() << '\n';
    return 1;
  }
}
