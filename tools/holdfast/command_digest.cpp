#include <memory>
#include <string>

#include "holdfast/digest.hpp"
#include "json_text.hpp"
#include "program.hpp"
#include "query_arguments.hpp"

namespace holdfast::program {
namespace {

struct DigestArguments {
  std::string ns;
  std::string filter;
  bool json = false;
  CLI::Option* filter_option = nullptr;
};

ExitCode run_digest(Program& program, const DigestArguments& arguments) {
  DigestOptions options;
  options.scope = {Namespace(arguments.ns), true};
  options.filter = read_filter(*arguments.filter_option, arguments.filter);
  Memory memory = program.open_existing();
  const Digest found = digest(memory, options);
  if (!arguments.json) {
    program.output.line(found.text);
    return ExitCode::done;
  }
  JsonObject json;
  json.text("digest", found.text)
      .number("entries", static_cast<std::int64_t>(found.entries))
      .number("bytes", static_cast<std::int64_t>(found.bytes));
  program.output.line(std::move(json).finish());
  return ExitCode::done;
}

}  // namespace

void add_digest_command(CLI::App& root, Program& program) {
  CLI::App& command = add_command(
      root, "digest",
      "Print a digest, which is the same for stores that hold the same.\n"
      "Over namespaces, keys, values, times, deadlines and the order of insertion, as of one\n"
      "instant; not over revisions. Namespaces count from NS on, so that a subtree that was\n"
      "renamed has the same digest.",
      {"--store sqlite:m.db digest", "digest users/42 --json"});
  auto arguments = std::make_shared<DigestArguments>();
  command
      .add_option("NS", arguments->ns,
                  "This namespace and everything below it; without it everything")
      ->type_name("");
  arguments->filter_option = add_filter(command, arguments->filter);
  add_json_flag(command, arguments->json, "{\"digest\":...,\"entries\":N,\"bytes\":N}");
  when_chosen(command, program, [arguments](Program& p) { return run_digest(p, *arguments); });
}

}  // namespace holdfast::program
