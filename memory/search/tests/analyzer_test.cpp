// From text to terms.
#include "holdfast/analyzer.hpp"

#include <gmock/gmock.h>

#include <chrono>
#include <string>
#include <vector>

#include "holdfast/error.hpp"
#include "holdfast/value.hpp"

namespace holdfast {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

std::vector<std::string> terms(std::string_view text, std::string_view language = "english") {
  std::vector<std::string> all;
  Analyzer(language).analyze(text, [&](std::string_view term, SentenceKind) {
    all.emplace_back(term);
    return true;
  });
  return all;
}

std::vector<std::string> asked_terms(std::string_view text) {
  std::vector<std::string> asked;
  Analyzer().analyze(text, [&](std::string_view term, SentenceKind sentence) {
    if (sentence == SentenceKind::asked) asked.emplace_back(term);
    return true;
  });
  return asked;
}

Timestamp at(int year, unsigned month, unsigned day) {
  return Timestamp(std::chrono::sys_days(std::chrono::year_month_day(
      std::chrono::year(year), std::chrono::month(month), std::chrono::day(day))));
}

TEST(Analyzer, WordsAreFoldedAndStemmed) {
  EXPECT_THAT(terms("Painting, PAINTED; paints!"), ElementsAre("paint", "paint", "paint"));
  EXPECT_EQ(terms("\uFF30aint", "none"), terms("paint", "none"));
  EXPECT_EQ(terms("STRASSE", "none"), terms("straße", "none"));
  EXPECT_EQ(terms("caf\u00E9", "none"), terms("cafe\u0301", "none"));
}

TEST(Analyzer, WordsHaveTheirPlacesInTheText) {
  const std::string text = "\u201eH\u00E4user\u201c & see.example.com: a\xffz Melanie\u2019s!";
  std::vector<std::string> words;
  std::vector<std::string> of_words;
  Analyzer("german").analyze_words(text, [&](const Analyzer::Word& word) {
    words.push_back(text.substr(word.offset, word.size));
    of_words.emplace_back(word.term);
    return true;
  });
  EXPECT_THAT(words,
              ElementsAre("H\u00E4user", "see", "example", "com", "a", "z", "Melanie\u2019s"));
  EXPECT_EQ(of_words, terms(text, "german"));
}

TEST(Analyzer, WordsEndWhereTheSinkSaysSo) {
  int words = 0;
  Analyzer().analyze_words("one two three", [&](const Analyzer::Word&) { return ++words < 2; });
  EXPECT_EQ(words, 2);
}

TEST(Analyzer, IrregularFormsOfEnglishMeetTheirBaseForms) {
  EXPECT_EQ(terms("went lost ran saw children taught"), terms("go lose run see child teach"));
  EXPECT_THAT(terms("went", "none"), ElementsAre("went"));
}

TEST(Analyzer, ApostrophesDoNotKeepWordsApart) {
  EXPECT_EQ(terms("Melanie's don\u2019t"), terms("melanie dont"));
  EXPECT_THAT(terms("l'eau", "none"), ElementsAre("leau"));
  EXPECT_EQ(terms("l'eau", "french"), terms("eau", "french"));
  EXPECT_EQ(terms("dell\u2019anno", "italian"), terms("anno", "italian"));
}

TEST(Analyzer, NamesOfFilesAndPlacesFallIntoTheirWords) {
  EXPECT_THAT(terms("see example.com/foo_bar", "none"),
              ElementsAre("see", "example", "com", "foo", "bar"));
  EXPECT_THAT(terms("at 3.5 or so", "none"), ElementsAre("at", "3.5", "or", "so"));
}

TEST(Analyzer, LanguagesHaveTheirOwnStems) {
  EXPECT_EQ(terms("Häuser", "german"), terms("Haus", "german"));
  EXPECT_EQ(terms("книги", "russian"), terms("книга", "russian"));
  EXPECT_EQ(terms("gatos", "spanish"), terms("gato", "spanish"));
  EXPECT_NE(terms("Häuser", "none"), terms("Haus", "none"));
}

TEST(Analyzer, ScriptsWithoutSpacesFallIntoWords) {
  EXPECT_THAT(terms("我喜欢游泳", "none"), AllOf(Contains("喜欢"), Contains("游泳")));
  EXPECT_THAT(terms("ฉันรักแมว", "none"), Contains("แมว"));
  EXPECT_THAT(terms("مرحبا بالعالم", "none"), ElementsAre("مرحبا", "بالعالم"));
}

TEST(Analyzer, UnknownLanguageIsRefusedAndTheKnownOnesAreNamed) {
  try {
    Analyzer("klingon");
    FAIL() << "taken";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::invalid_argument);
    EXPECT_THAT(error.message(),
                AllOf(HasSubstr("klingon"), HasSubstr("english"), HasSubstr("none")));
  }
}

TEST(Analyzer, EveryLanguageItNamesWorks) {
  for (const std::string& language : Analyzer::languages()) {
    EXPECT_THAT(terms("2023", language), ElementsAre("2023")) << language;
    EXPECT_NE(Analyzer(language).date_words(at(2023, 5, 7)), "") << language;
  }
}

TEST(Analyzer, SentencesThatAskAreToldApart) {
  EXPECT_EQ(asked_terms("I went there. Did you paint it? It rains"), terms("Did you paint it"));
  EXPECT_EQ(asked_terms("好的。你去吗？"), terms("你去吗"));
  EXPECT_THAT(asked_terms("no question here"), IsEmpty());
  EXPECT_EQ(asked_terms("A line\nwhat now?"), terms("what now"));
}

TEST(Analyzer, QueriesLoseStopWordsUnlessThereIsNothingElse) {
  EXPECT_THAT(Analyzer().query_terms("What did she say about the adoption agency?"),
              ElementsAre("say", "adopt", "agenc"));
  EXPECT_THAT(Analyzer().query_terms("What's the dog doing, don't you see?"),
              ElementsAre("dog", "see"));
  EXPECT_THAT(Analyzer().query_terms("who are you"), SizeIs(3));
  EXPECT_THAT(Analyzer("german").query_terms("was ist das"), SizeIs(3));
}

TEST(Analyzer, QueryTermsStandOnceInTheirOrder) {
  EXPECT_THAT(Analyzer().query_terms("dogs cats dog Cat bird"), ElementsAre("dog", "cat", "bird"));
}

TEST(Analyzer, NothingInAQueryIsAnOperator) {
  EXPECT_THAT(Analyzer("none").query_terms("\"dog\" (cat* NEAR/2 bird:fish) -horse ^x"),
              ElementsAre("dog", "cat", "near", "2", "bird", "fish", "horse", "x"));
  EXPECT_THAT(Analyzer("none").query_terms("dog AND NOT cat"),
              ElementsAre("dog", "and", "not", "cat"));
  EXPECT_THAT(Analyzer("none").query_terms("'; DROP TABLE x; --"),
              ElementsAre("drop", "table", "x"));
  EXPECT_THAT(Analyzer().query_terms("🎉🎉 👩‍👩‍👧 !!! \"\" *"), IsEmpty());
  EXPECT_THAT(Analyzer().query_terms(""), IsEmpty());
}

TEST(Analyzer, NulSeparatesWords) {
  EXPECT_THAT(terms(std::string_view("dog\0cat", 7)), ElementsAre("dog", "cat"));
}

TEST(Analyzer, DamagedUtf8IsReadWithoutHarm) {
  EXPECT_THAT(terms("dog \xff\xfe cat \xe2\x82"), ElementsAre("dog", "cat"));
}

TEST(Analyzer, AMillionWordsGiveABoundedQuery) {
  std::string words;
  std::string stop_words;
  for (int i = 0; i < 1'000'000; ++i) {
    words += "w" + std::to_string(i) + " ";
    stop_words += "the ";
  }
  EXPECT_THAT(Analyzer().query_terms(words), SizeIs(Analyzer::max_query_terms));
  EXPECT_THAT(Analyzer().query_terms(stop_words), ElementsAre("the"));
}

TEST(Analyzer, LongWordsAreCutAtACharacter) {
  for (const std::string& term : terms(std::string(1'000'000, 'x'), "none")) {
    EXPECT_EQ(term, std::string(Analyzer::max_term_bytes, 'x'));
  }
  std::string marks = "e";
  for (int i = 0; i < 500'000; ++i) marks += i % 2 == 0 ? "\u0315" : "\u0300";
  for (const std::string& text : {marks, std::string(63, 'x') + "\u00E9\u00E9"}) {
    for (const std::string& term : terms(text, "none")) {
      EXPECT_LE(term.size(), Analyzer::max_term_bytes);
      EXPECT_NO_THROW(MemoryValue{term}) << "not valid UTF-8";
    }
  }
}

TEST(Analyzer, ALongTextWithoutASentenceEndIsGivenWhole) {
  std::string text;
  for (int i = 0; i < 5'000; ++i) text += "word ";
  EXPECT_THAT(terms(text), SizeIs(5'000));
}

TEST(Analyzer, ASinkThatHasEnoughEndsTheWalk) {
  int taken = 0;
  Analyzer().analyze("one two. three four. five",
                     [&](std::string_view, SentenceKind) { return ++taken < 3; });
  EXPECT_EQ(taken, 3);
}

TEST(Analyzer, ASinkCanAnalyzeAnotherText) {
  const Analyzer analyzer;
  std::vector<std::string> all;
  analyzer.analyze("painted horses, 我喜欢", [&](std::string_view term, SentenceKind) {
    all.emplace_back(term);
    analyzer.analyze("two dogs é", [&](std::string_view inner, SentenceKind) {
      all.emplace_back(inner);
      return inner != "dog";
    });
    return all.size() < 6;
  });
  EXPECT_THAT(all, ElementsAre("paint", "two", "dog", "hors", "two", "dog"));
}

TEST(Analyzer, ASinkThatThrowsLeavesTheAnalyzerAsItWas) {
  const Analyzer analyzer;
  const auto expected = analyzer.query_terms("painted horses");
  EXPECT_THROW(
      analyzer.analyze("one two é. three", [](std::string_view, SentenceKind) -> bool { throw 1; }),
      int);
  EXPECT_EQ(analyzer.query_terms("painted horses"), expected);
}

TEST(Analyzer, AWordHasTheSameTermEachTime) {
  const Analyzer analyzer;
  constexpr auto text = "went Häuser l'eau painting's \uFF30aint 'tis children";
  const auto first = analyzer.query_terms(text);
  EXPECT_EQ(analyzer.query_terms(text), first);
}

TEST(Analyzer, DaysHaveWordsInTheLanguage) {
  EXPECT_EQ(Analyzer().date_words(at(2023, 5, 7)), "Sunday 7 May 2023");
  EXPECT_EQ(Analyzer("german").date_words(at(2024, 12, 24)), "Dienstag 24 Dezember 2024");
  EXPECT_EQ(Analyzer().date_words(at(1969, 12, 31)), "Wednesday 31 December 1969");
  EXPECT_EQ(Analyzer().date_words(Timestamp::min()), "");
  EXPECT_EQ(Analyzer().date_words(Timestamp::max()), "");
}

TEST(Analyzer, VersionSaysWhatTermsDependOn) {
  EXPECT_EQ(Analyzer().version(), Analyzer().version());
  EXPECT_NE(Analyzer().version(), Analyzer("german").version());
  EXPECT_NE(Analyzer().version(), Analyzer("none").version());
  EXPECT_THAT(Analyzer().version(), AllOf(HasSubstr("icu"), HasSubstr("english")));
}

}  // namespace
}  // namespace holdfast
