/// @file
/// An embedder without a model, for tests and for trying things out.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "holdfast/embedder.hpp"

namespace holdfast {

/// Feature hashing (Weinberger et al., "Feature Hashing for Large Scale Multitask Learning", 2009):
/// each word, in ASCII lower case, adds 1 or -1 at a place that its hash says. Texts that share
/// words come near each other; meaning is beyond it. The same on every machine. Immutable; safe to
/// use from many threads.
class HashingEmbedder final : public Embedder {
 public:
  /// Throws `InvalidArgument` unless `dimensions` is 1 to `SearchEmbedding::max_dimensions`.
  explicit HashingEmbedder(int dimensions = 256);

  [[nodiscard]] const std::string& model() const noexcept override { return model_; }
  [[nodiscard]] int dimensions() const noexcept override { return dimensions_; }
  [[nodiscard]] std::vector<std::vector<float>> embed(std::span<const std::string> texts,
                                                      const Context& context) override;

 private:
  int dimensions_;
  std::string model_;
};

}  // namespace holdfast
