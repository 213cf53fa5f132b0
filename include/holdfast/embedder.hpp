/// @file
/// What turns texts into vectors.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "holdfast/context.hpp"

namespace holdfast {

/// A model of embeddings, implemented by whoever uses one: over HTTP, or in the process. Texts that
/// mean much the same have vectors that point much the same way.
///
/// `HybridSearch` calls it from whichever thread calls `HybridSearch`.
class Embedder {
 public:
  virtual ~Embedder() = default;

  /// Names the model; never changes, and is what `SearchEmbedding::model` has to be.
  [[nodiscard]] virtual const std::string& model() const noexcept = 0;
  /// How many numbers its vectors have.
  [[nodiscard]] virtual int dimensions() const noexcept = 0;
  /// The most texts that it takes in one call.
  [[nodiscard]] virtual std::size_t max_batch() const noexcept { return 64; }
  /// A vector for each text, in order; `InvalidArgument` where it does not take one of the texts
  /// (too long for the model, say), any other exception where it cannot work now. To be given up
  /// when `context` says so.
  [[nodiscard]] virtual std::vector<std::vector<float>> embed(std::span<const std::string> texts,
                                                              const Context& context) = 0;
};

}  // namespace holdfast
