// JSON text to canonical text in one pass.
#include <algorithm>
#include <array>
#include <cstring>
#include <string>

#include "holdfast/error.hpp"
#include "holdfast/value.hpp"
#include "json_number.hpp"
#include "json_scan.hpp"
#include "json_string.hpp"
#include "text_builder.hpp"
#include "utf8.hpp"
#include "value_text.hpp"

namespace holdfast {
namespace {

bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

/// Copies the text into canonical form while it checks it. Canonical text is never longer than
/// its source but for numbers, so room is seen to at the start and where a number grows: at all
/// times the room left in `out_` is at least the source left.
class Parser {
 public:
  explicit Parser(std::string_view source)
      : begin_(source.data()), at_(begin_), end_(begin_ + source.size()), out_(source.size()) {}

  MemoryValue parse() {
    read_value(0);
    skip_space();
    if (at_ != end_) refuse(at_, "text follows the value");
    return MemoryValue::from_canonical(out_.finish());
  }

 private:
  /// A member of the map being read.
  struct Member {
    std::size_t key_begin;  ///< In out_, at the opening quote.
    std::size_t key_end;    ///< In out_, behind the closing quote.
    std::size_t end;        ///< In out_.
    const char* source;     ///< The opening quote of the key.
  };

  [[noreturn]] void refuse(const char* where, std::string_view what) const {
    std::string message("JSON text, byte ");
    message.append(std::to_string(where - begin_)).append(": ").append(what);
    throw_invalid_argument(std::move(message));
  }

  void skip_space() noexcept {
    while (at_ != end_ && (*at_ == ' ' || *at_ == '\n' || *at_ == '\r' || *at_ == '\t')) ++at_;
  }

  void put(char c) noexcept {
    *out_.tail() = c;
    out_.advance_to(out_.tail() + 1);
  }

  void put(std::string_view text) noexcept {
    std::memcpy(out_.tail(), text.data(), text.size());
    out_.advance_to(out_.tail() + text.size());
  }

  void read_value(std::size_t depth) {
    skip_space();
    if (at_ == end_) refuse(at_, "a value is missing");
    switch (*at_) {
      case '"':
        return read_string();
      case '{':
        return read_map(depth + 1);
      case '[':
        return read_list(depth + 1);
      case 't':
        return read_word("true");
      case 'f':
        return read_word("false");
      case 'n':
        return read_word("null");
      default:
        return read_number();
    }
  }

  void read_word(std::string_view word) {
    const std::string_view rest(at_, static_cast<std::size_t>(end_ - at_));
    if (!rest.starts_with(word)) refuse(at_, "no value begins like this");
    put(word);
    at_ += word.size();
  }

  void read_list(std::size_t depth) {
    if (depth > MemoryValue::max_depth) refuse_depth(at_);
    put('[');
    ++at_;
    skip_space();
    if (at_ != end_ && *at_ == ']') return close(']');
    while (true) {
      read_value(depth);
      skip_space();
      if (at_ != end_ && *at_ == ']') return close(']');
      if (at_ == end_ || *at_ != ',') refuse(at_, "expected ',' or ']' in a list");
      put(',');
      ++at_;
    }
  }

  void close(char bracket) noexcept {
    put(bracket);
    ++at_;
  }

  void read_map(std::size_t depth) {
    // One level further only the form of bytes may stand, which nests nothing.
    if (depth > MemoryValue::max_depth + 1) refuse_depth(at_);
    const char* const source = at_;
    const std::size_t out_begin = out_.size();
    const std::size_t first_member = members_.size();
    put('{');
    ++at_;
    bool is_in_order = true;
    skip_space();
    if (at_ == end_ || *at_ != '}') is_in_order = read_members(depth, first_member);
    close('}');
    if (!is_in_order) sort_members(first_member);
    members_.resize(first_member);
    if (depth > MemoryValue::max_depth &&
        !value_text::is_bytes_form(out_.view().substr(out_begin))) {
      refuse_depth(source);
    }
  }

  /// Reads up to the closing brace; true when the keys came in order.
  bool read_members(std::size_t depth, std::size_t first_member) {
    bool is_in_order = true;
    while (true) {
      read_member(depth);
      const bool is_first = members_.size() == first_member + 1;
      is_in_order = is_in_order && (is_first || follows_in_order());
      skip_space();
      if (at_ != end_ && *at_ == '}') return is_in_order;
      if (at_ == end_ || *at_ != ',') refuse(at_, "expected ',' or '}' in a map");
      put(',');
      ++at_;
      skip_space();
    }
  }

  void read_member(std::size_t depth) {
    if (at_ == end_ || *at_ != '"') refuse(at_, "expected the key of a member, in quotes");
    Member member{out_.size(), 0, 0, at_};
    read_string();
    member.key_end = out_.size();
    skip_space();
    if (at_ == end_ || *at_ != ':') refuse(at_, "expected ':' after a key");
    put(':');
    ++at_;
    read_value(depth);
    member.end = out_.size();
    members_.push_back(member);
  }

  [[nodiscard]] std::string_view quoted_key(const Member& member) const noexcept {
    return out_.view().substr(member.key_begin, member.key_end - member.key_begin);
  }

  /// Compares the keys, by what they stand for.
  [[nodiscard]] std::strong_ordering order_of(const Member& a, const Member& b) const {
    const std::string_view inner = quoted_key(b).substr(1, quoted_key(b).size() - 2);
    if (inner.find('\\') == std::string_view::npos) {
      return value_text::compare_unquoted(quoted_key(a), inner);
    }
    return value_text::compare_unquoted(quoted_key(a), value_text::unquote(quoted_key(b)));
  }

  /// Whether the last member follows the one before it.
  [[nodiscard]] bool follows_in_order() const {
    const std::strong_ordering order = order_of(members_[members_.size() - 2], members_.back());
    if (order == 0) refuse_duplicate(members_.back());
    return order < 0;
  }

  /// Puts the members from `first` on, which end at the end of out_, in the order of their keys.
  void sort_members(std::size_t first) {
    const auto begin = members_.begin() + static_cast<std::ptrdiff_t>(first);
    const std::size_t out_begin = begin->key_begin;
    std::sort(begin, members_.end(), [this](const Member& a, const Member& b) {
      const std::strong_ordering order = order_of(a, b);
      return order == 0 ? a.source < b.source : order < 0;
    });
    const auto twin = std::adjacent_find(
        begin, members_.end(),
        [this](const Member& a, const Member& b) { return order_of(a, b) == 0; });
    if (twin != members_.end()) refuse_duplicate(*(twin + 1));
    unsorted_.assign(out_.view().substr(out_begin));
    char* to = out_.begin() + out_begin;
    for (auto member = begin; member != members_.end(); ++member) {
      if (member != begin) *to++ = ',';
      const std::size_t size = member->end - member->key_begin;
      std::memcpy(to, unsorted_.data() + (member->key_begin - out_begin), size);
      to += size;
    }
  }

  [[noreturn]] void refuse_duplicate(const Member& member) const {
    refuse(member.source,
           "the key " + value_text::for_message(quoted_key(member)) + " stands twice in a map");
  }

  [[noreturn]] void refuse_depth(const char* where) const { refuse(where, value_text::too_deep); }

  void read_string() {
    const char* const source = at_;
    char* out = out_.tail();
    *out++ = *at_++;
    while (true) {
      out = copy_plain(out);
      if (at_ == end_) refuse(source, "a string does not end");
      if (*at_ == '"') break;
      if (*at_ == '\\') {
        out = read_escape(out);
        continue;
      }
      const std::size_t length = valid_code_point_length(at_, end_);
      if (length == 0) refuse(at_, "a string must be valid UTF-8");
      if (length == 1) refuse(at_, "a control character in a string must be escaped");
      std::memcpy(out, at_, length);
      out += length;
      at_ += length;
    }
    *out++ = *at_++;
    out_.advance_to(out);
  }

  /// Copies up to the next byte that a string cannot simply hold.
  char* copy_plain(char* out) noexcept {
    while (end_ - at_ >= 8) {
      std::memcpy(out, at_, 8);
      const std::uint64_t marks = special_bytes(load_word(at_));
      if (marks != 0) {
        const std::size_t plain = first_marked(marks);
        at_ += plain;
        return out + plain;
      }
      at_ += 8;
      out += 8;
    }
    while (at_ != end_ && !is_special_byte(*at_)) *out++ = *at_++;
    return out;
  }

  char* read_escape(char* out) {
    constexpr std::string_view letters = "\"\\/bfnrtu";
    constexpr std::string_view meanings = "\"\\/\b\f\n\r\t";
    if (end_ - at_ < 2) refuse(at_, "an escape does not end");
    const std::size_t index = letters.find(at_[1]);
    if (index == std::string_view::npos) refuse(at_, "there is no such escape");
    if (at_[1] == 'u') return read_unicode_escape(out);
    at_ += 2;
    return write_escaped(meanings[index], out);
  }

  char* read_unicode_escape(char* out) {
    const char* const source = at_;
    std::uint32_t code_point = read_code_unit();
    if (code_point >= 0xDC00 && code_point <= 0xDFFF) refuse_surrogate(source);
    if (code_point >= 0xD800 && code_point <= 0xDBFF) {
      if (end_ - at_ < 2 || at_[0] != '\\' || at_[1] != 'u') refuse_surrogate(source);
      const std::uint32_t low = read_code_unit();
      if (low < 0xDC00 || low > 0xDFFF) refuse_surrogate(source);
      code_point = 0x10000 + ((code_point - 0xD800) << 10U) + (low - 0xDC00);
    }
    if (code_point < 0x80) return write_escaped(static_cast<char>(code_point), out);
    return write_utf8(code_point, out);
  }

  /// Reads \uXXXX, whose first two bytes are known to be there.
  std::uint32_t read_code_unit() {
    const std::int32_t unit = read_four_hex(at_ + 2, end_);
    if (unit < 0) refuse(at_, "\\u must be followed by four hexadecimal digits");
    at_ += 6;
    return static_cast<std::uint32_t>(unit);
  }

  [[noreturn]] void refuse_surrogate(const char* where) const {
    refuse(where, "a surrogate stands alone, so the string is not valid Unicode");
  }

  void read_number() {
    const char* const source = at_;
    if (*at_ == '-') ++at_;
    if (at_ == end_ || !is_digit(*at_)) refuse(source, "no value begins like this");
    if (*at_ == '0' && end_ - at_ > 1 && is_digit(at_[1])) {
      refuse(source, "a number may not begin with 0 and another digit");
    }
    skip_digits();
    bool is_integer = true;
    if (at_ != end_ && *at_ == '.') {
      is_integer = false;
      ++at_;
      expect_digits(source);
    }
    if (at_ != end_ && (*at_ == 'e' || *at_ == 'E')) {
      is_integer = false;
      ++at_;
      if (at_ != end_ && (*at_ == '+' || *at_ == '-')) ++at_;
      expect_digits(source);
    }
    put_number(source, is_integer);
  }

  void skip_digits() noexcept {
    while (at_ != end_ && is_digit(*at_)) ++at_;
  }

  void expect_digits(const char* source) {
    if (at_ == end_ || !is_digit(*at_)) refuse(source, "a number ends where a digit must follow");
    skip_digits();
  }

  void put_number(const char* source, bool is_integer) {
    const std::string_view text(source, static_cast<std::size_t>(at_ - source));
    if (is_integer && text != "-0") {
      constexpr std::size_t always_in_range = 18;
      if (text.size() > always_in_range && !read_integer(text)) {
        refuse(source, "an integer must lie within int64");
      }
      return put(text);
    }
    const std::optional<double> number = read_double(text);
    if (!number) refuse(source, "a number is too large for a double");
    std::array<char, number_size_max> canonical{};
    const char* const canonical_end = write_double(*number, canonical.data());
    const auto size = static_cast<std::size_t>(canonical_end - canonical.data());
    if (size > text.size()) out_.ensure_room(size + static_cast<std::size_t>(end_ - at_));
    put(std::string_view(canonical.data(), size));
  }

  const char* begin_;
  const char* at_;
  const char* end_;
  TextBuilder out_;
  std::vector<Member> members_;  ///< Those of all maps that are open, outermost first.
  std::string unsorted_;         ///< Room for `sort_members`.
};

}  // namespace

MemoryValue MemoryValue::parse(std::string_view json_text) { return Parser(json_text).parse(); }

}  // namespace holdfast
