// The analyzer of a build without searching: there is none.
#include "holdfast/analyzer.hpp"
#include "holdfast/error.hpp"

namespace holdfast {

// No analyzer is ever made, so no other function is ever called on one.
struct Analyzer::State {
  std::string nothing;
};

Analyzer::Analyzer(std::string_view) {
  throw Error(ErrorCode::unsupported,
              "this build of Holdfast has no search: it was made with HOLDFAST_SEARCH=OFF");
}

bool Analyzer::is_available() noexcept { return false; }

std::vector<std::string> Analyzer::languages() { return {}; }

const std::string& Analyzer::language() const noexcept { return state_->nothing; }
const std::string& Analyzer::version() const noexcept { return state_->nothing; }

void Analyzer::analyze(std::string_view, const Sink&) const {}
void Analyzer::analyze_words(std::string_view, const WordSink&) const {}
std::vector<std::string> Analyzer::query_terms(std::string_view) const { return {}; }
std::string Analyzer::date_words(Timestamp) const { return {}; }

}  // namespace holdfast
