#include "http_embedder.hpp"

#include <curl/curl.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <mutex>
#include <new>
#include <nlohmann/json.hpp>
#include <utility>

#include "holdfast/error.hpp"

namespace example {
namespace {

using holdfast::Context;
using holdfast::Error;
using holdfast::ErrorCode;
using nlohmann::json;
using std::chrono::milliseconds;

using Handle = std::unique_ptr<CURL, decltype(&curl_easy_cleanup)>;
using Headers = std::unique_ptr<curl_slist, decltype(&curl_slist_free_all)>;

constexpr std::size_t max_answer_bytes = std::size_t{256} << 20;
constexpr std::size_t max_shown_bytes = 500;

struct Answer {
  long status = 0;
  std::string body;
};

// Called by libcurl, which an exception must not leave; a result other than `bytes` ends the
// transfer.
std::size_t take_part(char* part, std::size_t /*always 1*/, std::size_t bytes, void* to) noexcept {
  auto& body = *static_cast<std::string*>(to);
  if (bytes > max_answer_bytes - body.size()) return 0;
  try {
    body.append(part, bytes);
  } catch (const std::bad_alloc&) {
    return 0;
  }
  return bytes;
}

// Called by libcurl now and then, at the latest each second; other than 0 ends the transfer.
int is_stopped(void* context, curl_off_t, curl_off_t, curl_off_t, curl_off_t) noexcept {
  return static_cast<const Context*>(context)->stop.stop_requested() ? 1 : 0;
}

milliseconds time_left(milliseconds timeout, const Context& context) {
  if (!context.deadline) return timeout;
  const auto left =
      std::chrono::ceil<milliseconds>(*context.deadline - std::chrono::steady_clock::now());
  // 0 would mean that there is no limit.
  return std::clamp(left, milliseconds(1), timeout);
}

bool is_control(char c) noexcept { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }

// What a person can read, on one line: whatever a server sends gets into a message.
std::string printable(std::string text) {
  if (text.size() > max_shown_bytes) {
    std::size_t end = max_shown_bytes;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
    text.resize(end);
  }
  std::ranges::replace_if(text, is_control, ' ');
  return text;
}

// What the server says of its refusal: {"error":{"message":"..."}}, {"error":"..."} and the like,
// or else what it sent.
std::string message_in(const std::string& body) {
  json answer = json::parse(body, nullptr, false);
  for (const char* const member : {"error", "message", "detail"}) {
    if (!answer.is_object()) break;
    const auto found = answer.find(member);
    if (found == answer.end()) continue;
    if (found->is_string()) return found->get<std::string>();
    answer = json(*found);
  }
  return body;
}

ErrorCode code_of(long status) {
  constexpr long unauthorized = 401;
  constexpr long forbidden = 403;
  constexpr long request_timeout = 408;
  constexpr long too_many_requests = 429;
  constexpr long server_error = 500;
  if (status == unauthorized || status == forbidden) return ErrorCode::permission_denied;
  if (status == request_timeout || status == too_many_requests || status >= server_error) {
    return ErrorCode::unavailable;
  }
  return ErrorCode::invalid_argument;
}

void check_status(const Answer& answer) {
  constexpr long done = 200;
  if (answer.status == done) return;
  throw Error(code_of(answer.status), "the embeddings server answers with HTTP status " +
                                          std::to_string(answer.status) + ": " +
                                          printable(message_in(answer.body)));
}

[[noreturn]] void refuse_answer(const std::string& problem) {
  throw Error(ErrorCode::internal, "the embeddings server gave a wrong answer: " + problem);
}

std::vector<float> read_vector(const json& item, std::size_t index) {
  const auto embedding = item.find("embedding");
  const std::string name = "the embedding of text " + std::to_string(index);
  if (embedding == item.end() || !embedding->is_array() || embedding->empty()) {
    refuse_answer(name + " is no list of numbers");
  }
  std::vector<float> vector;
  vector.reserve(embedding->size());
  for (const json& number : *embedding) {
    if (!number.is_number()) refuse_answer(name + " is no list of numbers");
    vector.push_back(number.get<float>());
    if (!std::isfinite(vector.back())) refuse_answer(name + " has a number that is not finite");
  }
  return vector;
}

// The vectors in the order of the texts, which need not be that of the answer.
std::vector<std::vector<float>> read_vectors(const std::string& body, std::size_t count) {
  const json answer = json::parse(body, nullptr, false);
  if (answer.is_discarded()) refuse_answer("no JSON: " + printable(body));
  const auto list = answer.is_object() ? answer.find("data") : answer.end();
  if (list == answer.end() || !list->is_array()) refuse_answer("it has no list \"data\"");
  if (list->size() != count) {
    refuse_answer(std::to_string(list->size()) + " vectors of " + std::to_string(count) + " texts");
  }
  std::vector<std::vector<float>> vectors(count);
  for (const json& item : *list) {
    const auto index = item.is_object() ? item.find("index") : item.end();
    if (index == item.end() || !index->is_number_unsigned()) {
      refuse_answer("a vector without an \"index\"");
    }
    const auto at = index->get<std::uint64_t>();
    if (at >= count || !vectors[at].empty()) {
      refuse_answer("the \"index\" " + std::to_string(at) +
                    " of a vector is that of another, or of no text");
    }
    vectors[at] = read_vector(item, at);
  }
  return vectors;
}

std::string request_body(const std::string& model, std::span<const std::string> texts) {
  json input = json::array();
  for (const std::string& text : texts) input.push_back(text);
  const json body = {{"model", model}, {"input", std::move(input)}};
  // A text that is no UTF-8 can come from a command line.
  return body.dump(-1, ' ', false, json::error_handler_t::replace);
}

}  // namespace

// Handles of libcurl between requests: each keeps its connection.
class HttpEmbedder::Connections {
 public:
  explicit Connections(const EmbeddingEndpoint& endpoint) : endpoint_(endpoint) {
    url_ = endpoint.url.substr(0, endpoint.url.find_last_not_of('/') + 1) + "/embeddings";
    add_header("Content-Type: application/json");
    // Without it a longer request waits for the server to ask for it.
    add_header("Expect:");
    if (endpoint.api_key.empty()) return;
    if (std::ranges::any_of(endpoint.api_key, is_control)) {
      throw Error(ErrorCode::invalid_argument,
                  "the key of the embeddings server has a control character");
    }
    add_header("Authorization: Bearer " + endpoint.api_key);
  }

  [[nodiscard]] Answer post(const std::string& body, const Context& context) {
    context.check();
    Handle handle = take();
    Answer answer;
    std::array<char, CURL_ERROR_SIZE> problem{};
    const milliseconds limit = time_left(endpoint_.timeout, context);
    set_options(handle.get(), body, context);
    set(handle.get(), CURLOPT_TIMEOUT_MS, static_cast<long>(limit.count()));
    set(handle.get(), CURLOPT_WRITEDATA, &answer.body);
    set(handle.get(), CURLOPT_ERRORBUFFER, problem.data());
    const CURLcode code = curl_easy_perform(handle.get());
    if (code != CURLE_OK) {
      context.check();
      refuse(code, problem.data(), limit);
    }
    curl_easy_getinfo(handle.get(), CURLINFO_RESPONSE_CODE, &answer.status);
    give_back(std::move(handle));
    return answer;
  }

  [[nodiscard]] std::string without_key(std::string text) const {
    const std::string& key = endpoint_.api_key;
    if (key.empty()) return text;
    for (auto at = text.find(key); at != std::string::npos; at = text.find(key, at)) {
      text.replace(at, key.size(), "***");
      at += 3;
    }
    return text;
  }

 private:
  template <typename Value>
  static void set(CURL* handle, CURLoption option, Value value) {
    const CURLcode code = curl_easy_setopt(handle, option, value);
    if (code != CURLE_OK) throw Error(ErrorCode::internal, curl_easy_strerror(code));
  }

  void add_header(const std::string& header) {
    curl_slist* const longer = curl_slist_append(headers_.get(), header.c_str());
    if (longer == nullptr) throw std::bad_alloc();
    static_cast<void>(headers_.release());  // A part of the longer list.
    headers_.reset(longer);
  }

  void set_options(CURL* handle, const std::string& body, const Context& context) const {
    set(handle, CURLOPT_URL, url_.c_str());
    set(handle, CURLOPT_PROTOCOLS_STR, "http,https");
    set(handle, CURLOPT_HTTPHEADER, headers_.get());
    set(handle, CURLOPT_POSTFIELDS, body.c_str());
    set(handle, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body.size()));
    set(handle, CURLOPT_WRITEFUNCTION, &take_part);
    set(handle, CURLOPT_XFERINFOFUNCTION, &is_stopped);
    set(handle, CURLOPT_XFERINFODATA, const_cast<Context*>(&context));
    set(handle, CURLOPT_NOPROGRESS, 0L);
    set(handle, CURLOPT_NOSIGNAL, 1L);  // Signals are the program's.
  }

  [[noreturn]] void refuse(CURLcode code, const std::string& problem, milliseconds limit) const {
    // The limit of time can be that of the deadline, and pass by a hair before it.
    if (code == CURLE_OPERATION_TIMEDOUT && limit < endpoint_.timeout) {
      throw Error(ErrorCode::deadline_exceeded,
                  "the embeddings server did not answer before the deadline");
    }
    if (code == CURLE_OPERATION_TIMEDOUT) {
      throw Error(ErrorCode::unavailable, "the embeddings server did not answer within " +
                                              std::to_string(limit.count()) + " ms");
    }
    if (code == CURLE_URL_MALFORMAT || code == CURLE_UNSUPPORTED_PROTOCOL) {
      throw Error(ErrorCode::invalid_argument,
                  "the URL of the embeddings server is none of http or https");
    }
    throw Error(ErrorCode::unavailable,
                "cannot reach the embeddings server: " +
                    (problem.empty() ? std::string(curl_easy_strerror(code)) : problem));
  }

  [[nodiscard]] Handle take() {
    {
      const std::lock_guard lock(mutex_);
      if (!idle_.empty()) {
        Handle handle = std::move(idle_.back());
        idle_.pop_back();
        return handle;
      }
    }
    Handle handle(curl_easy_init(), &curl_easy_cleanup);
    if (!handle) throw std::bad_alloc();
    return handle;
  }

  void give_back(Handle handle) {
    curl_easy_reset(handle.get());  // It points to what this call had.
    const std::lock_guard lock(mutex_);
    idle_.push_back(std::move(handle));
  }

  const EmbeddingEndpoint& endpoint_;
  std::string url_;
  Headers headers_{nullptr, &curl_slist_free_all};
  std::mutex mutex_;
  std::vector<Handle> idle_;
};

HttpEmbedder::HttpEmbedder(EmbeddingEndpoint endpoint, const Context& context)
    : endpoint_(std::move(endpoint)), connections_(std::make_unique<Connections>(endpoint_)) {
  const std::string text = "How many dimensions?";
  dimensions_ = static_cast<int>(request({&text, 1}, context).front().size());
}

HttpEmbedder::~HttpEmbedder() = default;

std::vector<std::vector<float>> HttpEmbedder::request(std::span<const std::string> texts,
                                                      const Context& context) {
  try {
    const Answer answer = connections_->post(request_body(endpoint_.model, texts), context);
    check_status(answer);
    return read_vectors(answer.body, texts.size());
  } catch (const Error& error) {
    // Servers repeat the key that they refuse.
    throw Error(error.code(), connections_->without_key(error.message()));
  }
}

std::vector<std::vector<float>> HttpEmbedder::embed(std::span<const std::string> texts,
                                                    const Context& context) {
  std::vector<std::vector<float>> vectors = request(texts, context);
  for (const std::vector<float>& vector : vectors) {
    if (vector.size() == static_cast<std::size_t>(dimensions_)) continue;
    refuse_answer("a vector of " + std::to_string(vector.size()) + " dimensions; the others have " +
                  std::to_string(dimensions_));
  }
  return vectors;
}

}  // namespace example
