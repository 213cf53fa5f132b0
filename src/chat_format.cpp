#include "holdfast/chat_format.hpp"

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "holdfast/error.hpp"

namespace holdfast {
namespace {

// Escapes make a message's text longer than what is stored, by six at the most; white space more.
constexpr std::size_t message_text_max = 6 * max_value_bytes;

[[noreturn]] void refuse(std::size_t line, const std::string& why) {
  throw_invalid_argument("line " + std::to_string(line) + ": " + why);
}

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

// The characters of a stream, with the line they are on.
class Characters {
 public:
  explicit Characters(std::istream& input) : input_(input) { skip_byte_order_mark(); }

  // Empty at the end.
  std::optional<char> peek() {
    if (at_ == end_ && !fill()) return std::nullopt;
    return buffer_[at_];
  }
  void advance() {
    if (buffer_[at_++] == '\n') ++line_;
  }
  void skip_space() {
    for (auto c = peek(); c && is_space(*c); c = peek()) advance();
  }
  [[nodiscard]] std::size_t line() const noexcept { return line_; }

 private:
  bool fill() {
    input_.read(buffer_.data(), static_cast<std::streamsize>(buffer_.size()));
    at_ = 0;
    end_ = static_cast<std::size_t>(input_.gcount());
    if (end_ == 0 && !input_.eof()) {
      throw Error(ErrorCode::unavailable,
                  "the input cannot be read on from line " + std::to_string(line_));
    }
    return end_ > 0;
  }
  void skip_byte_order_mark() {
    constexpr std::string_view mark = "\xEF\xBB\xBF";
    if (fill() && std::string_view(buffer_.data(), end_).starts_with(mark)) at_ = mark.size();
  }

  std::istream& input_;
  std::array<char, std::size_t{1} << 16> buffer_;
  std::size_t at_ = 0;
  std::size_t end_ = 0;
  std::size_t line_ = 1;
};

// Reads messages from characters. One object a file.
class ChatReader {
 public:
  using OnMessage = std::function<void(Message, ChatPosition)>;

  ChatReader(std::istream& input, const OnMessage& on_message)
      : characters_(input), on_message_(on_message) {}

  std::size_t read() {
    characters_.skip_space();
    if (characters_.peek() == '[') {
      read_array();
    } else {
      read_lines();
    }
    return messages_;
  }

 private:
  void read_lines() {
    while (characters_.peek()) {
      begin_text();
      for (auto c = characters_.peek(); c && *c != '\n'; c = characters_.peek()) take(*c);
      if (characters_.peek()) characters_.advance();
      if (text_.find_first_not_of(" \t\r") == std::string::npos) continue;
      deliver("; in JSON Lines each message stands on one line");
    }
  }

  void read_array() {
    characters_.advance();
    characters_.skip_space();
    if (characters_.peek() == ']') return finish_array();
    for (;;) {
      characters_.skip_space();
      begin_text();
      take_element();
      const char end = *characters_.peek();
      deliver("");
      if (end == ']') return finish_array();
      characters_.advance();
    }
  }

  // Takes text up to the comma or bracket that ends an element of the array. Whether the text is
  // JSON, its parser decides.
  void take_element() {
    std::size_t depth = 0;
    bool in_string = false;
    for (auto c = characters_.peek(); c; c = characters_.peek()) {
      if (in_string) {
        if (*c == '"') in_string = false;
        if (*c == '\\') {
          take(*c);
          c = characters_.peek();
          if (!c) break;
        }
      } else if (depth == 0 && (*c == ',' || *c == ']')) {
        return;
      } else if (*c == '"') {
        in_string = true;
      } else if (*c == '{' || *c == '[') {
        ++depth;
      } else if ((*c == '}' || *c == ']') && depth > 0) {
        --depth;
      }
      take(*c);
    }
    refuse(characters_.line(), "the text ends within the array of messages, which began with '['");
  }

  void finish_array() {
    characters_.advance();
    characters_.skip_space();
    if (characters_.peek()) {
      refuse(characters_.line(), "there is text after the array of messages");
    }
  }

  void begin_text() {
    text_.clear();
    position_.line = characters_.line();
  }

  void take(char c) {
    if (text_.size() == message_text_max) {
      refuse(position_.line,
             "the message's text is longer than " + std::to_string(message_text_max) + " bytes");
    }
    text_.push_back(c);
    characters_.advance();
  }

  void deliver(std::string_view hint) {
    position_.message = ++messages_;
    on_message_(parse(hint), position_);
  }

  Message parse(std::string_view hint) {
    std::optional<MemoryValue> json;
    try {
      json = MemoryValue::parse(text_);
      return Message::from_json(std::move(*json));
    } catch (const Error& error) {
      if (error.code() != ErrorCode::invalid_argument) throw;
      const bool is_json = json.has_value();
      refuse(position_.line, error.message() + (is_json ? "" : std::string(hint)));
    }
  }

  Characters characters_;
  const OnMessage& on_message_;
  std::string text_;
  ChatPosition position_;
  std::size_t messages_ = 0;
};

}  // namespace

std::size_t read_chat(std::istream& input,
                      const std::function<void(Message, ChatPosition)>& on_message) {
  return ChatReader(input, on_message).read();
}

}  // namespace holdfast
