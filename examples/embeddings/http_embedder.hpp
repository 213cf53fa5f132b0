/// @file
/// `HttpEmbedder`: vectors from any server with OpenAI's interface for embeddings, to be copied.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "holdfast/embedder.hpp"

namespace example {

/// Where the model is: a server that answers `POST url/embeddings`, as OpenAI, Ollama, llama.cpp,
/// vLLM and many others do.
struct EmbeddingEndpoint {
  std::string url;        ///< Such as http://localhost:11434/v1; http or https.
  std::string model;      ///< As the server calls it.
  std::string api_key{};  ///< Sent as a bearer token; empty: none is sent. Stands in no message.
  /// For one request; a deadline of the call that comes earlier counts instead.
  std::chrono::milliseconds timeout = std::chrono::seconds(60);
  std::size_t max_batch = 64;  ///< The most texts in one request.
};

/// Safe to use from many threads. Throws `holdfast::Error`: `DeadlineExceeded` and `Cancelled` as
/// the call's context says, `PermissionDenied` for a key that the server refuses, `Unavailable`
/// where the same call may succeed later (no server, no answer in time, too many requests, a fault
/// of the server), `InvalidArgument` for any other refusal, and `Internal` for an answer of
/// another form than OpenAI's.
class HttpEmbedder final : public holdfast::Embedder {
 public:
  /// Finds out how many dimensions the model has, by one request.
  explicit HttpEmbedder(EmbeddingEndpoint endpoint, const holdfast::Context& context = {});
  ~HttpEmbedder() override;

  [[nodiscard]] const std::string& model() const noexcept override { return endpoint_.model; }
  [[nodiscard]] int dimensions() const noexcept override { return dimensions_; }
  [[nodiscard]] std::size_t max_batch() const noexcept override { return endpoint_.max_batch; }
  [[nodiscard]] std::vector<std::vector<float>> embed(std::span<const std::string> texts,
                                                      const holdfast::Context& context) override;

 private:
  class Connections;

  [[nodiscard]] std::vector<std::vector<float>> request(std::span<const std::string> texts,
                                                        const holdfast::Context& context);

  EmbeddingEndpoint endpoint_;
  std::unique_ptr<Connections> connections_;
  int dimensions_ = 0;
};

}  // namespace example
