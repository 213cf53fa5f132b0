/// @file
/// Opening a store by URL: `memory:`, `sqlite:path/to/file.db?durability=normal`, ...
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "holdfast/memory.hpp"
#include "holdfast/time.hpp"

namespace holdfast {

/// A store's URL, taken apart: `scheme:body?name=value&name=value`. Percent escapes are decoded in
/// names and values of options; `body` stays as it was written.
class StoreUrl {
 public:
  /// Throws `InvalidArgument` for text without a scheme, a bad escape, or an option given twice.
  explicit StoreUrl(std::string_view text);

  [[nodiscard]] const std::string& scheme() const noexcept { return scheme_; }
  [[nodiscard]] const std::string& body() const noexcept { return body_; }
  [[nodiscard]] std::string decoded_body() const;

  // Each takes an option out of the URL, or gives empty where it is not there, and throws
  // `InvalidArgument`, naming the option and what is allowed, for a value of another form.
  [[nodiscard]] std::optional<std::string> take_text(std::string_view name);
  [[nodiscard]] std::optional<bool> take_bool(std::string_view name);  ///< on, off, true, false
  [[nodiscard]] std::optional<std::uint64_t> take_number(std::string_view name);
  /// A number of bytes, with an optional suffix KiB, MiB or GiB.
  [[nodiscard]] std::optional<std::uint64_t> take_bytes(std::string_view name);
  /// A number with the suffix ms, s or min.
  [[nodiscard]] std::optional<std::chrono::milliseconds> take_duration(std::string_view name);
  /// The index of one of `choices`.
  [[nodiscard]] std::optional<std::size_t> take_choice(
      std::string_view name, std::initializer_list<std::string_view> choices);
  /// Throws `InvalidArgument` for an option that nobody took, naming those in `known`.
  void refuse_rest(std::initializer_list<std::string_view> known) const;

 private:
  std::string scheme_;
  std::string body_;
  std::map<std::string, std::string, std::less<>> options_;
};

/// What cannot stand in a URL.
struct OpenOptions {
  std::shared_ptr<Clock> clock{};  ///< Empty: the backend's own.
};

/// Maps schemes to backends. Add your own before opening; not safe to change while in use.
class BackendRegistry {
 public:
  using Factory = std::function<std::unique_ptr<Backend>(StoreUrl url, const OpenOptions&)>;

  /// Throws `InvalidArgument` where the scheme is taken or is not lower-case letters and digits.
  void add(std::string scheme, Factory factory);
  /// Throws `InvalidArgument` for an unknown scheme, naming those that exist.
  [[nodiscard]] Memory open(std::string_view url, const OpenOptions& options = {}) const;
  /// The same as a backend, for layers.
  [[nodiscard]] std::unique_ptr<Backend> open_backend(std::string_view url,
                                                      const OpenOptions& options = {}) const;
  [[nodiscard]] std::vector<std::string> schemes() const;

 private:
  std::map<std::string, Factory, std::less<>> factories_;
};

/// A registry with every backend that this build of Holdfast contains. In `holdfast::holdfast`.
[[nodiscard]] BackendRegistry built_in_backends();

/// Opens a store with one of the built-in backends. In `holdfast::holdfast`.
[[nodiscard]] Memory open(std::string_view url, const OpenOptions& options = {});

}  // namespace holdfast
