// Plays a target's corpus, each file as it is and changed a few hundred times, in a program without
// libFuzzer.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

#include "../support/tries.hpp"
#include "fuzz_input.hpp"
#include "holdfast/conformance/environment.hpp"

namespace holdfast::fault_tests {
namespace {

// How often each file is changed; HOLDFAST_FUZZ_CHANGES says otherwise.
int changes_of_a_file() {
  return static_cast<int>(
      conformance::number_from_environment("HOLDFAST_FUZZ_CHANGES").value_or(1000));
}

std::vector<std::filesystem::path> corpus() {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(FUZZ_CORPORA "/" FUZZ_TARGET)) {
    files.push_back(entry.path());
  }
  std::ranges::sort(files);
  return files;
}

std::string content_of(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

// A number below `bound`, the same on every standard library for one seed.
std::size_t below(std::mt19937_64& random, std::size_t bound) {
  return static_cast<std::size_t>(random() % bound);
}

// What parsers stumble over.
const std::vector<std::string> pieces{
    "\"",   "\\",       "{",   "}",  "[",   "]",       ",",  ":",     "%",    "/",     "\n",
    "-",    "0",        "9",   "e",  "$",   "*",       ".",  "&",     "=",    "?",     " ",
    "\xff", "\xc3\xa9", "%2F", "//", "\\u", "\\ud800", "-0", "1e999", "null", "$bytes"};

void change(std::string& text, const std::vector<std::string>& others, std::mt19937_64& random) {
  const std::size_t at = below(random, text.size() + 1);
  const std::size_t length = below(random, std::min<std::size_t>(text.size() - at, 16) + 1);
  switch (below(random, 6)) {
    case 0:
      text.insert(at, pieces[below(random, pieces.size())]);
      return;
    case 1:
      text.erase(at, length);
      return;
    case 2:
      text.insert(at, text.substr(at, length));
      return;
    case 3:
      if (at < text.size()) text[at] = static_cast<char>(text[at] ^ (1 << below(random, 8)));
      return;
    case 4:
      if (at < text.size()) text[at] = static_cast<char>(random());
      return;
    default: {
      const std::string& other = others[below(random, others.size())];
      text = text.substr(0, at) + other.substr(std::min(at, other.size()));
    }
  }
}

std::string printable(const std::string& text) {
  std::string result;
  for (const char c : text) {
    constexpr std::string_view digits = "0123456789abcdef";
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x20 && byte < 0x7f && c != '\\') {
      result += c;
    } else {
      result += {'\\', 'x', digits[byte >> 4U], digits[byte & 15U]};
    }
  }
  return result;
}

// A crash ends the program: the name of the test then says which file it was.
void play(const std::string& input, int number) {
  try {
    LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(input.data()), input.size());
  } catch (const std::exception& error) {
    FAIL() << error.what() << "\nchange " << number << " (0: none), input: " << printable(input);
  }
}

class Replay : public ::testing::TestWithParam<std::filesystem::path> {};

TEST_P(Replay, KeepsItsPromises) {
  const std::string original = content_of(GetParam());
  std::vector<std::string> others;
  for (const auto& file : corpus()) others.push_back(content_of(file));
  const int changes = changes_of_a_file();
  play(original, 0);
  for (int number = 1; number <= changes && !HasFatalFailure(); ++number) {
    std::mt19937_64 random(static_cast<std::uint64_t>(number));
    std::string changed = original;
    for (std::size_t left = 1 + below(random, 4); left > 0; --left) {
      change(changed, others, random);
    }
    play(changed, number);
  }
  count_tries("fuzzing: " FUZZ_SUBJECT, static_cast<std::uint64_t>(1 + changes));
}

std::string name_of(const ::testing::TestParamInfo<std::filesystem::path>& info) {
  return info.param.stem().string();
}

INSTANTIATE_TEST_SUITE_P(Corpus, Replay, ::testing::ValuesIn(corpus()), name_of);

}  // namespace
}  // namespace holdfast::fault_tests
