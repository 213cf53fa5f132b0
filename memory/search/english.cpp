#include "english.hpp"

#include <algorithm>
#include <array>

namespace holdfast::search {
namespace {

constexpr auto stop_words = std::to_array<std::string_view>({
    "a", "about", "above", "after", "again", "against", "all", "also", "am", "an", "and", "any",
    "are", "aren't", "as", "at", "be", "because", "been", "before", "being", "below", "between",
    "both", "but", "by", "can", "can't", "cannot", "could", "couldn't", "d", "did", "didn't", "do",
    "does", "doesn't", "doing", "don't", "down", "during", "each", "few", "for", "from", "further",
    "had", "hadn't", "has", "hasn't", "have", "haven't", "having", "he", "he'd", "he'll", "he's",
    "her", "here", "here's", "hers", "herself", "him", "himself", "his", "how", "how's", "i",
    "i'd", "i'll", "i'm", "i've", "if", "in", "into", "is", "isn't", "it", "it's", "its", "itself",
    "just", "let's", "ll", "m", "many", "me", "more", "most", "much", "mustn't", "my", "myself",
    "no", "nor", "not", "of", "off", "on", "once", "only", "or", "other", "ought", "our", "ours",
    "ourselves", "out", "over", "own", "re", "s", "same", "shan't", "she", "she'd", "she'll",
    "she's", "should", "shouldn't", "so", "some", "such", "t", "than", "that", "that's", "the",
    "their", "theirs", "them", "themselves", "then", "there", "there's", "these", "they", "they'd",
    "they'll", "they're", "they've", "this", "those", "through", "to", "too", "under", "until",
    "up", "ve", "very", "was", "wasn't", "we", "we'd", "we'll", "we're", "we've", "were",
    "weren't", "what", "what's", "when", "when's", "where", "where's", "which", "while", "who",
    "who's", "whom", "why", "why's", "will", "with", "won't", "would", "wouldn't", "you", "you'd",
    "you'll", "you're", "you've", "your", "yours", "yourself", "yourselves",
});

struct Form {
  std::string_view form;
  std::string_view base;
};

// Forms that are those of two common words ("leaves", "lives", "wound") are left to
// the stemmer.
constexpr auto irregular_forms = std::to_array<Form>({
    {"am", "be"}, {"are", "be"}, {"arisen", "arise"}, {"arose", "arise"}, {"ate", "eat"},
    {"awoke", "awake"}, {"awoken", "awake"}, {"beaten", "beat"}, {"became", "become"},
    {"been", "be"}, {"began", "begin"}, {"begun", "begin"}, {"bent", "bend"}, {"best", "good"},
    {"better", "good"}, {"bit", "bite"}, {"bitten", "bite"}, {"blew", "blow"}, {"blown", "blow"},
    {"borne", "bear"}, {"bought", "buy"}, {"broke", "break"}, {"broken", "break"},
    {"brought", "bring"}, {"built", "build"}, {"burnt", "burn"}, {"came", "come"},
    {"caught", "catch"}, {"children", "child"}, {"chose", "choose"}, {"chosen", "choose"},
    {"crept", "creep"}, {"dealt", "deal"}, {"did", "do"}, {"does", "do"}, {"done", "do"},
    {"drank", "drink"}, {"drawn", "draw"}, {"dreamt", "dream"}, {"drew", "draw"},
    {"driven", "drive"}, {"drove", "drive"}, {"drunk", "drink"}, {"dug", "dig"}, {"eaten", "eat"},
    {"fallen", "fall"}, {"fed", "feed"}, {"feet", "foot"}, {"fell", "fall"}, {"felt", "feel"},
    {"flew", "fly"}, {"flown", "fly"}, {"forgave", "forgive"}, {"forgiven", "forgive"},
    {"forgot", "forget"}, {"forgotten", "forget"}, {"fought", "fight"}, {"found", "find"},
    {"froze", "freeze"}, {"frozen", "freeze"}, {"gave", "give"}, {"geese", "goose"},
    {"given", "give"}, {"gone", "go"}, {"got", "get"}, {"gotten", "get"}, {"grew", "grow"},
    {"grown", "grow"}, {"had", "have"}, {"halves", "half"}, {"has", "have"}, {"heard", "hear"},
    {"held", "hold"}, {"hid", "hide"}, {"hidden", "hide"}, {"hung", "hang"}, {"is", "be"},
    {"kept", "keep"}, {"knelt", "kneel"}, {"knew", "know"}, {"knives", "knife"}, {"known", "know"},
    {"laid", "lay"}, {"leant", "lean"}, {"leapt", "leap"}, {"learnt", "learn"}, {"led", "lead"},
    {"left", "leave"}, {"lent", "lend"}, {"lit", "light"}, {"lost", "lose"}, {"made", "make"},
    {"meant", "mean"}, {"men", "man"}, {"met", "meet"}, {"mice", "mouse"}, {"paid", "pay"},
    {"people", "person"}, {"ran", "run"}, {"rang", "ring"}, {"ridden", "ride"}, {"risen", "rise"},
    {"rode", "ride"}, {"rose", "rise"}, {"rung", "ring"}, {"said", "say"}, {"sang", "sing"},
    {"sank", "sink"}, {"sat", "sit"}, {"saw", "see"}, {"seen", "see"}, {"sent", "send"},
    {"sewn", "sew"}, {"shaken", "shake"}, {"shone", "shine"}, {"shook", "shake"}, {"shot", "shoot"},
    {"shown", "show"}, {"shrank", "shrink"}, {"shrunk", "shrink"}, {"slept", "sleep"},
    {"slid", "slide"}, {"sold", "sell"}, {"sought", "seek"}, {"spent", "spend"}, {"spoke", "speak"},
    {"spoken", "speak"}, {"sprang", "spring"}, {"sprung", "spring"}, {"spun", "spin"},
    {"stole", "steal"}, {"stolen", "steal"}, {"stood", "stand"}, {"struck", "strike"},
    {"stuck", "stick"}, {"stung", "sting"}, {"sung", "sing"}, {"sunk", "sink"}, {"swam", "swim"},
    {"swept", "sweep"}, {"swore", "swear"}, {"sworn", "swear"}, {"swum", "swim"},
    {"swung", "swing"}, {"taken", "take"}, {"taught", "teach"}, {"teeth", "tooth"},
    {"thought", "think"}, {"threw", "throw"}, {"thrown", "throw"}, {"told", "tell"},
    {"took", "take"}, {"tore", "tear"}, {"torn", "tear"}, {"understood", "understand"},
    {"was", "be"}, {"went", "go"}, {"wept", "weep"}, {"were", "be"}, {"withdrawn", "withdraw"},
    {"withdrew", "withdraw"}, {"wives", "wife"}, {"woke", "wake"}, {"woken", "wake"},
    {"wolves", "wolf"}, {"women", "woman"}, {"won", "win"}, {"wore", "wear"}, {"worn", "wear"},
    {"worse", "bad"}, {"worst", "bad"}, {"wove", "weave"}, {"woven", "weave"}, {"written", "write"},
    {"wrote", "write"},
});

static_assert(std::ranges::is_sorted(stop_words) &&
              std::ranges::adjacent_find(stop_words) == stop_words.end());
static_assert(std::ranges::is_sorted(irregular_forms, {}, &Form::form));

}  // namespace

bool is_english_stop_word(std::string_view word) noexcept {
  return std::ranges::binary_search(stop_words, word);
}

std::string_view english_base_form(std::string_view word) noexcept {
  const auto* found = std::ranges::lower_bound(irregular_forms, word, {}, &Form::form);
  return found != irregular_forms.end() && found->form == word ? found->base : word;
}

}  // namespace holdfast::search
