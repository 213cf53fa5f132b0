#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "chat_text.hpp"
#include "display.hpp"
#include "entry_text.hpp"
#include "holdfast/chat_format.hpp"
#include "holdfast/conversation.hpp"
#include "input.hpp"
#include "input_stream.hpp"
#include "json_text.hpp"
#include "program.hpp"
#include "table.hpp"
#include "terminal.hpp"

namespace holdfast::program {
namespace {

struct ChatImportArguments {
  std::string ns;
  std::string file;
  std::string ttl;
  bool json = false;
};

/// Appends messages in atomic steps; a conversation of ordinary length is one step.
class ChatImport {
 public:
  ChatImport(Conversation& conversation, AppendOptions options)
      : conversation_(conversation), options_(options) {}

  void add(Message message) {
    bytes_ += message.json().json_text().size();
    held_.push_back(std::move(message));
    if (held_.size() >= step_messages || bytes_ >= step_bytes) append_held();
  }

  void append_held() {
    for (const Appended& appended : conversation_.append(held_, options_)) {
      ++(appended.is_new ? imported_ : there_already_);
    }
    held_.clear();
    bytes_ = 0;
    progress_.show(imported_ + there_already_);
  }

  [[nodiscard]] std::uint64_t imported() const noexcept { return imported_; }
  [[nodiscard]] std::uint64_t there_already() const noexcept { return there_already_; }

 private:
  static constexpr std::size_t step_messages = 10'000;
  static constexpr std::size_t step_bytes = std::size_t{32} << 20;

  Conversation& conversation_;
  AppendOptions options_;
  std::vector<Message> held_;
  std::size_t bytes_ = 0;
  std::uint64_t imported_ = 0;
  std::uint64_t there_already_ = 0;
  Progress progress_{"imported", "messages"};
};

/// Reads a whole file for its errors alone, so that nothing is written of a file that is wrong.
void check_chat_file(InputFile& file) {
  InputStream stream(file);
  read_chat(stream, [](const Message&, ChatPosition) {});
  file.rewind();
}

void read_into(ChatImport& import, InputFile& file) {
  InputStream stream(file);
  read_chat(stream, [&](Message message, ChatPosition) { import.add(std::move(message)); });
  import.append_held();
}

ExitCode run_chat_import(Program& program, const ChatImportArguments& arguments) {
  const Namespace ns(arguments.ns);
  AppendOptions options;
  if (!arguments.ttl.empty()) options.ttl = parse_duration(arguments.ttl);
  InputFile file(arguments.file);
  if (file.is_regular()) check_chat_file(file);
  Memory memory = program.open_or_create();
  Conversation conversation(memory, ns);
  ChatImport import(conversation, options);
  try {
    read_into(import, file);
  } catch (const Error& error) {
    if (import.imported() == 0) throw;
    throw Error(error.code(),
                error.message() + "; " +
                    counted(import.imported(), "message was", "messages were") +
                    " imported before that",
                {error.backend(), error.operation()}, error.cause(), error.token());
  }
  if (arguments.json) {
    program.output.line(
        std::move(JsonObject()
                      .number("imported", static_cast<std::int64_t>(import.imported()))
                      .number("there_already", static_cast<std::int64_t>(import.there_already())))
            .finish());
    return ExitCode::done;
  }
  std::string text = counted(import.imported(), "message", "messages") + " imported";
  if (import.there_already() > 0) {
    text += ", " + counted(import.there_already(), "was", "were") + " there already";
  }
  program.output.line(text);
  return ExitCode::done;
}

void add_chat_import(CLI::App& chat, Program& program) {
  CLI::App& command = add_command(
      chat, "import",
      "Append chat messages to a conversation: JSON Lines or a JSON array of OpenAI messages,\n"
      "or a request with \"messages\"; as text, or compressed with gzip or zstd.\n"
      "A file is checked wholly before anything is written. A message whose \"id\" is there\n"
      "already changes nothing.",
      {"--store sqlite:m.db chat import users/42/chats/1 messages.jsonl",
       "chat import users/42/chats/2 - < messages.json"});
  auto arguments = std::make_shared<ChatImportArguments>();
  add_namespace(command, arguments->ns);
  command.add_option("FILE", arguments->file, "'-' reads standard input")
      ->type_name("")
      ->required();
  command.add_option("--ttl", arguments->ttl, "Each message expires after this long")
      ->type_name("DURATION");
  add_json_flag(command, arguments->json, "how many were imported, as one JSON document");
  when_chosen(command, program, [arguments](Program& p) { return run_chat_import(p, *arguments); });
}

struct ChatShowArguments {
  std::string ns;
  std::int64_t last = 0;
  bool json = false;
  bool ids = false;
  CLI::Option* last_option = nullptr;
};

void print_message(Output& output, const Message& message, const ChatShowArguments& arguments) {
  if (arguments.json) {
    const MemoryValue json = arguments.ids ? message.to_json() : message.json();
    output.line(json.json_text());
  } else {
    output.write(message_text(message, arguments.ids));
  }
}

ExitCode run_chat_show(Program& program, const ChatShowArguments& arguments) {
  const Namespace ns(arguments.ns);
  Memory memory = program.open_existing();
  const Conversation conversation(memory, ns);
  if (arguments.last_option->count() > 0) {
    for (const Message& message : conversation.last(static_cast<std::size_t>(arguments.last))) {
      print_message(program.output, message, arguments);
    }
    return ExitCode::done;
  }
  MessageQuery query;
  query.limit = 500;
  do {
    const MessagePage page = conversation.page(query);
    for (const Message& message : page.messages) print_message(program.output, message, arguments);
    query.cursor = page.cursor;
  } while (!query.cursor.empty());
  return ExitCode::done;
}

void add_chat_show(CLI::App& chat, Program& program) {
  CLI::App& command =
      add_command(chat, "show", "Print the messages of a conversation, oldest first",
                  {"--store sqlite:m.db chat show users/42/chats/1",
                   "chat show users/42/chats/1 --last 20 --json"});
  auto arguments = std::make_shared<ChatShowArguments>();
  add_namespace(command, arguments->ns);
  arguments->last_option =
      add_number(command, "--last", arguments->last, 0, "Only the newest N, oldest of them first");
  command.add_flag("--ids", arguments->ids, "With the ids of messages that were given none");
  add_json_flag(command, arguments->json, "JSON Lines, each message as it was given");
  when_chosen(command, program, [arguments](Program& p) { return run_chat_show(p, *arguments); });
}

struct ChatListArguments {
  std::string ns;
  bool json = false;
};

std::string summary_json(const ConversationSummary& summary) {
  return std::move(JsonObject()
                       .text("namespace", summary.ns.text())
                       .number("messages", static_cast<std::int64_t>(summary.messages))
                       .number("first_at", summary.first_at.time_since_epoch().count())
                       .number("last_at", summary.last_at.time_since_epoch().count()))
      .finish();
}

ExitCode run_chat_list(Program& program, const ChatListArguments& arguments) {
  const Namespace owner(arguments.ns);
  Memory memory = program.open_existing();
  Table table(program.output, {{"CONVERSATION", false, true},
                               {"MESSAGES", true, false},
                               {"FIRST", false, false},
                               {"LAST", false, false}});
  std::string cursor;
  do {
    const ConversationPage page =
        list_conversations(memory, owner, NamespaceQuery::default_limit, cursor);
    for (const ConversationSummary& summary : page.conversations) {
      if (arguments.json) {
        program.output.line(summary_json(summary));
      } else {
        table.add({shown_namespace(summary.ns), std::to_string(summary.messages),
                   format_time(summary.first_at), format_time(summary.last_at)});
      }
    }
    cursor = page.cursor;
  } while (!cursor.empty());
  table.finish();
  return ExitCode::done;
}

void add_chat_list(CLI::App& chat, Program& program) {
  CLI::App& command = add_command(chat, "list", "List the conversations at and below a namespace",
                                  {"--store sqlite:m.db chat list", "chat list users/42 --json"});
  auto arguments = std::make_shared<ChatListArguments>();
  add_namespace(command, arguments->ns, false);
  add_json_flag(command, arguments->json, "JSON Lines, one conversation each");
  when_chosen(command, program, [arguments](Program& p) { return run_chat_list(p, *arguments); });
}

}  // namespace

void add_chat_commands(CLI::App& root, Program& program) {
  CLI::App& chat =
      add_command(root, "chat", "Conversations: import messages, show and list them", {});
  chat.require_subcommand(1);
  add_chat_import(chat, program);
  add_chat_show(chat, program);
  add_chat_list(chat, program);
}

}  // namespace holdfast::program
