#include <memory>
#include <string>

#include "export_format.hpp"
#include "page_size.hpp"
#include "program.hpp"
#include "terminal.hpp"

namespace holdfast::program {
namespace {

ExitCode run_export(Program& program, const std::string& ns) {
  MemoryQuery query;
  query.scope = {Namespace(ns), true};
  query.order = OrderBy::created;
  Memory memory = program.open_existing();
  program.output.line(export_header(query.scope.ns));
  ExportSum sum;
  PageSize page_size;
  Progress progress("exported", "entries");
  do {
    query.limit = page_size.next();
    const Page page = memory.query(query);
    for (const Entry& entry : page.entries) {
      const std::string line = export_line(entry);
      sum.add(line);
      program.output.line(line);
    }
    page_size.learn(page);
    query.cursor = page.cursor;
    progress.show(sum.entries());
  } while (!query.cursor.empty());
  program.output.line(export_end(sum));
  return ExitCode::done;
}

}  // namespace

void add_export_command(CLI::App& root, Program& program) {
  CLI::App& command = add_command(
      root, "export",
      "Print every entry, with times and revisions, as JSON Lines that import reads.\n"
      "In order of insertion, a page at a time, with bounded memory: each page is a snapshot, the\n"
      "whole is not. Entries that are written meanwhile may be in it or not; for a copy as of one\n"
      "instant use backup.",
      {"--store sqlite:m.db export > all.jsonl", "export users/42 > ada.jsonl"});
  auto ns = std::make_shared<std::string>();
  command.add_option("NS", *ns, "This namespace and everything below it; without it everything")
      ->type_name("");
  when_chosen(command, program, [ns](Program& p) { return run_export(p, *ns); });
}

}  // namespace holdfast::program
