#include <memory>
#include <optional>
#include <string>

#include "display.hpp"
#include "entry_stream.hpp"
#include "entry_text.hpp"
#include "holdfast/diff.hpp"
#include "json_text.hpp"
#include "program.hpp"
#include "query_arguments.hpp"

namespace holdfast::program {
namespace {

struct DiffArguments {
  std::string left;
  std::string right;
  std::string ns;
  std::string right_ns;
  std::string filter;
  std::int64_t limit = 0;
  bool json = false;
  CLI::Option* right_ns_option = nullptr;
  CLI::Option* filter_option = nullptr;
  CLI::Option* limit_option = nullptr;
};

/// Runs `body`, saying which of the two arguments its errors are about.
template <typename Body>
auto about(const char* argument, const Body& body) {
  try {
    return body();
  } catch (const Error& error) {
    rethrow_at(std::string(argument) + ": ", error);
  }
}

DiffOptions make_options(const DiffArguments& arguments) {
  DiffOptions options;
  const auto read = [](const char* name, const std::string& ns) {
    return about(name, [&] { return Namespace(ns); });
  };
  options.scope = {read("--namespace", arguments.ns), true};
  if (arguments.right_ns_option->count() > 0) {
    options.right_ns = read("--right-namespace", arguments.right_ns);
  }
  options.filter = read_filter(*arguments.filter_option, arguments.filter);
  return options;
}

std::string_view words_for(DifferenceKind kind) {
  switch (kind) {
    case DifferenceKind::only_left:
      return "only left";
    case DifferenceKind::only_right:
      return "only right";
    case DifferenceKind::value:
      return "other value";
    case DifferenceKind::deadline:
      return "other deadline";
    case DifferenceKind::times:
      return "other times";
    case DifferenceKind::order:
      return "other order";
  }
  return "";
}

/// Prints differences, and in the end what they come to.
class DiffPrinter {
 public:
  DiffPrinter(Output& output, const DiffArguments& arguments)
      : output_(output), arguments_(arguments) {}

  /// Whether more are wanted.
  bool print(const Difference& difference) {
    output_.line(arguments_.json ? json_of(difference) : text_of(difference));
    ++printed_;
    is_limited_ = arguments_.limit_option->count() > 0 && printed_ == arguments_.limit;
    return !is_limited_;
  }

  void finish(const DiffSummary& summary) {
    output_.line(arguments_.json ? json_of(summary) : text_of(summary));
  }

 private:
  static std::string text_of(const std::optional<Entry>& entry) {
    if (!entry) return "the end";
    return shown_namespace(entry->ns) + " " + std::string(MemoryValue(entry->key).json_text());
  }
  static std::string text_of(const Difference& difference) {
    std::string text = std::string(words_for(difference.kind)) + ": ";
    if (difference.kind == DifferenceKind::order) {
      text += text_of(difference.left) + " left, " + text_of(difference.right) + " right";
    } else {
      text += text_of(difference.left ? difference.left : difference.right);
    }
    return escape_controls(text);
  }
  [[nodiscard]] std::string text_of(const DiffSummary& summary) const {
    std::string text;
    if (is_limited_) text = "stopped by --limit; until there ";
    text += counted(summary.equal, "entry is", "entries are") + " equal, " +
            std::to_string(summary.only_left) + " only left, " +
            std::to_string(summary.only_right) + " only right, " +
            std::to_string(summary.different) + " different";
    return summary.same_order ? text : text + "; the order of insertion differs";
  }

  static std::string json_of(const std::optional<Entry>& entry, DifferenceKind kind) {
    if (!entry) return "null";
    return kind == DifferenceKind::order ? entry_json_without_value(*entry) : entry_json(*entry);
  }
  static std::string json_of(const Difference& difference) {
    JsonObject json;
    json.text("difference", to_string(difference.kind))
        .raw("left", json_of(difference.left, difference.kind))
        .raw("right", json_of(difference.right, difference.kind));
    return std::move(json).finish();
  }
  [[nodiscard]] std::string json_of(const DiffSummary& summary) const {
    const auto boolean = [](bool value) { return value ? "true" : "false"; };
    JsonObject json;
    json.raw("same", boolean(summary.same()))
        .number("equal", static_cast<std::int64_t>(summary.equal))
        .number("only_left", static_cast<std::int64_t>(summary.only_left))
        .number("only_right", static_cast<std::int64_t>(summary.only_right))
        .number("different", static_cast<std::int64_t>(summary.different))
        .raw("same_order", boolean(summary.same_order))
        .raw("complete", boolean(!is_limited_));
    return std::move(json).finish();
  }

  Output& output_;
  const DiffArguments& arguments_;
  std::int64_t printed_ = 0;
  bool is_limited_ = false;
};

ExitCode run_diff(Program& program, const DiffArguments& arguments) {
  program.refuse_store_option();
  const DiffOptions options = make_options(arguments);
  const auto open = [](const char* name, const std::string& url) {
    return about(name, [&] { return Program::open_existing(url); });
  };
  Memory left = open("the left store", arguments.left);
  // Two subtrees of one store: a file is opened for writing once only.
  std::optional<Memory> other;
  if (arguments.right != arguments.left) other = open("the right store", arguments.right);
  DiffPrinter printer(program.output, arguments);
  const DiffSummary summary =
      diff(left, other ? *other : left, options,
           [&](const Difference& difference) { return printer.print(difference); });
  printer.finish(summary);
  return summary.same() ? ExitCode::done : ExitCode::absent;
}

}  // namespace

void add_diff_command(CLI::App& root, Program& program) {
  CLI::App& command = add_command(
      root, "diff",
      "Print where two stores differ; exit code 0 if they hold the same, 1 if not.\n"
      "Each store is read as of one instant. A line for each address that is on one side only, or\n"
      "has another value, deadline or times; revisions are not compared. Where nothing differs,\n"
      "the first place where the order of insertion does.",
      {"diff sqlite:m.db postgresql://host/db", "diff sqlite:m.db sqlite:copy.db --json --limit 10",
       "diff sqlite:m.db sqlite:m.db --namespace users/42 --right-namespace users/43"},
      StoresFrom::arguments);
  auto arguments = std::make_shared<DiffArguments>();
  const auto add_url = [&](const char* name, std::string& url, const char* description) {
    command.add_option(name, url, description)->type_name("")->required();
  };
  add_url("LEFT", arguments->left, "URL of the one store, such as sqlite:memory.db");
  add_url("RIGHT", arguments->right, "URL of the other one");
  command
      .add_option("--namespace", arguments->ns,
                  "This namespace and everything below it; without it everything")
      ->type_name("NS");
  arguments->right_ns_option =
      command.add_option("--right-namespace", arguments->right_ns,
                         "What stands for that namespace on the right; without it the same");
  arguments->right_ns_option->type_name("NS");
  arguments->filter_option = add_filter(command, arguments->filter);
  arguments->limit_option =
      add_number(command, "--limit", arguments->limit, 1, "End after so many differences");
  add_json_flag(command, arguments->json,
                "JSON Lines, {\"difference\":...,\"left\":...,\"right\":...} each, and a summary");
  when_chosen(command, program, [arguments](Program& p) { return run_diff(p, *arguments); });
}

}  // namespace holdfast::program
