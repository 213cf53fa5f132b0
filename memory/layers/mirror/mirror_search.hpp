// Searching through a mirror.
#pragma once

#include "holdfast/search.hpp"
#include "mirror_state.hpp"

namespace holdfast::mirror {

// Searches the active store. What is configured, is configured at the destination first, where what
// it governs moves there.
class MirrorSearch final : public SearchIndex {
 public:
  // Both stores of `state`, which must outlive it, can search.
  explicit MirrorSearch(Mirror::State& state) noexcept : state_(state) {}

  [[nodiscard]] std::vector<SearchConfiguration> configurations(const Context& context) override {
    return active().configurations(context);
  }
  bool configure(const Namespace& ns, const SearchConfig* config, const Context& context) override;
  void search(const SearchRequest& request, const RankedSink& sink,
              const Context& context) override {
    active().search(request, sink, context);
  }
  std::uint64_t reindex(const Namespace& ns, const Context& context) override {
    return active().reindex(ns, context);
  }
  [[nodiscard]] SearchCheck check(const Namespace& ns, const Context& context) override {
    return active().check(ns, context);
  }

  // Vectors are kept by the active store alone; the destination gets them when it is copied to.
  std::uint64_t put_vectors(std::span<const VectorRow> vectors, const Context& context) override {
    return active().put_vectors(vectors, context);
  }
  void without_vector(const Scope& scope, const EntrySink& sink, const Context& context) override {
    active().without_vector(scope, sink, context);
  }
  void vectors(const Scope& scope, const VectorSink& sink, const Context& context) override {
    active().vectors(scope, sink, context);
  }
  void nearest(const VectorRequest& request, const RankedSink& sink,
               const Context& context) override {
    active().nearest(request, sink, context);
  }

 private:
  [[nodiscard]] SearchIndex& active() const noexcept { return *state_.active().search_index(); }

  Mirror::State& state_;
};

}  // namespace holdfast::mirror
