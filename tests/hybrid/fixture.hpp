// An embedder whose vectors a test chooses, and a store that it is used on.
#pragma once

#include <gmock/gmock.h>

#include <cmath>
#include <functional>
#include <map>
#include <numbers>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "holdfast/error.hpp"
#include "holdfast/hybrid_search.hpp"
#include "holdfast/in_memory.hpp"

namespace holdfast {

/// Directions in a plane, by the text; 90 degrees for a text that has none. Notes what it is asked.
class PlaneEmbedder final : public Embedder {
 public:
  [[nodiscard]] const std::string& model() const noexcept override { return name; }
  [[nodiscard]] int dimensions() const noexcept override { return 2; }
  [[nodiscard]] std::size_t max_batch() const noexcept override { return batch; }
  [[nodiscard]] std::vector<std::vector<float>> embed(std::span<const std::string> texts,
                                                      const Context& context) override {
    calls.emplace_back(texts.begin(), texts.end());
    last_trace = context.trace;
    if (meanwhile) meanwhile(calls.size());
    std::vector<std::vector<float>> vectors;
    for (const std::string& text : texts) {
      const auto found = degrees.find(text);
      const double angle = (found == degrees.end() ? 90 : found->second) * std::numbers::pi / 180;
      vectors.push_back({static_cast<float>(std::cos(angle)), static_cast<float>(std::sin(angle))});
    }
    if (change) change(vectors);
    return vectors;
  }

  [[nodiscard]] std::vector<std::size_t> sizes_of_calls() const {
    std::vector<std::size_t> sizes;
    for (const auto& texts : calls) sizes.push_back(texts.size());
    return sizes;
  }

  std::string name = "plane";
  std::size_t batch = 64;
  std::map<std::string, double> degrees;
  std::vector<std::vector<std::string>> calls;
  std::string last_trace;
  std::function<void(std::size_t call)> meanwhile;                    // Calls count from 1.
  std::function<void(std::vector<std::vector<float>>& made)> change;  // What is given back.
};

class HybridTest : public testing::Test {
 protected:
  /// `notes` and all below it are searched by their `text`, and have vectors.
  void configure() { memory_.configure_search("notes", own_config()); }
  [[nodiscard]] SearchConfig own_config() const {
    return hybrid_.with_embedding(SearchConfig::texts({"text"}));
  }
  void write(std::string_view key, std::string_view text, const Namespace& ns = "notes") {
    memory_.set(ns, key, MemoryValue::map({{"text", text}}));
  }
  /// An entry whose vector has that angle.
  void write(std::string_view key, std::string_view text, double degrees) {
    embedder_.degrees[std::string(text)] = degrees;
    write(key, text);
  }
  /// Keys of those that have a vector.
  [[nodiscard]] std::vector<std::string> with_vector(const Scope& scope = {"notes", true}) {
    std::vector<std::string> keys;
    memory_.scan_vectors(scope,
                         [&](const AddressView& address, const Record&, std::span<const float>) {
                           keys.emplace_back(address.key);
                           return true;
                         });
    return keys;
  }
  [[nodiscard]] static HybridQuery query(std::string text) {
    HybridQuery query;
    query.scope = {"notes", true};
    query.text = std::move(text);
    return query;
  }
  [[nodiscard]] std::vector<std::string> found(const HybridQuery& query) {
    std::vector<std::string> keys;
    for (const HybridHit& hit : hybrid_.search(query)) keys.push_back(hit.entry.key);
    return keys;
  }

  /// Runs what is to fail with that code; gives its message.
  static std::string refusal(ErrorCode code, const std::function<void()>& call) {
    try {
      call();
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), code) << error.what();
      return error.message();
    }
    ADD_FAILURE() << "done";
    return "";
  }

  Memory memory_ = open_in_memory();
  PlaneEmbedder embedder_;
  HybridSearch hybrid_{memory_, embedder_};
};

}  // namespace holdfast
