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

// How deep in objects and lists a place of JSON text is.
class Nesting {
 public:
  void see(char c) noexcept {
    if (is_escaped_) {
      is_escaped_ = false;
    } else if (in_string_) {
      in_string_ = c != '"';
      is_escaped_ = c == '\\';
    } else if (c == '"') {
      in_string_ = true;
    } else if (c == '{' || c == '[') {
      ++depth_;
    } else if ((c == '}' || c == ']') && depth_ > 0) {
      --depth_;
    }
  }
  // Outside strings.
  [[nodiscard]] bool is_at(std::size_t depth) const noexcept {
    return depth_ == depth && !in_string_;
  }

 private:
  std::size_t depth_ = 0;
  bool in_string_ = false;
  bool is_escaped_ = false;
};

std::string_view without_space(std::string_view text) {
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

// Whether the value that comes next in the text of an object is that of its member "messages".
bool ends_with_messages(std::string_view text) {
  constexpr std::string_view name = "\"messages\"";
  text = without_space(text);
  if (!text.ends_with(':')) return false;
  text = without_space(text.substr(0, text.size() - 1));
  if (!text.ends_with(name)) return false;
  text = without_space(text.substr(0, text.size() - name.size()));
  return text.ends_with('{') || text.ends_with(',');
}

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
      expect_end("the array of messages");
    } else if (characters_.peek() != '{') {
      read_lines();
    } else if (!read_request()) {
      finish_line();
      read_lines();
    }
    return messages_;
  }

 private:
  // Reads the first object of the text as a request; where it is none, it is in `text_` then.
  bool read_request() {
    begin_text();
    Nesting nesting;
    do {
      const auto c = characters_.peek();
      if (!c) return false;
      if (*c == '[' && nesting.is_at(1) && ends_with_messages(text_)) {
        read_array();
        pass_rest_of_object(nesting);
        expect_end("the request");
        return true;
      }
      take(*c);
      nesting.see(*c);
    } while (!nesting.is_at(0));
    return false;
  }

  void pass_rest_of_object(Nesting nesting) {
    while (!nesting.is_at(0)) {
      const auto c = characters_.peek();
      if (!c) refuse(characters_.line(), "the text ends within the request, which began with '{'");
      nesting.see(*c);
      characters_.advance();
    }
  }

  void read_lines() {
    while (characters_.peek()) {
      begin_text();
      finish_line();
    }
  }

  void finish_line() {
    for (auto c = characters_.peek(); c && *c != '\n'; c = characters_.peek()) take(*c);
    if (characters_.peek()) characters_.advance();
    if (text_.find_first_not_of(" \t\r") == std::string::npos) return;
    constexpr std::string_view hint = "; in JSON Lines each message stands on one line";
    if (text_.find('\n') != std::string::npos) {
      refuse(position_.line, "the message goes on after the end of the line" + std::string(hint));
    }
    deliver(hint);
  }

  // From '[' to ']'.
  void read_array() {
    characters_.advance();
    characters_.skip_space();
    if (characters_.peek() == ']') return characters_.advance();
    for (;;) {
      characters_.skip_space();
      begin_text();
      take_element();
      const char end = *characters_.peek();
      deliver("");
      characters_.advance();
      if (end == ']') return;
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

  void expect_end(const std::string& what) {
    characters_.skip_space();
    if (characters_.peek()) refuse(characters_.line(), "there is text after " + what);
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
