#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "display.hpp"
#include "export_format.hpp"
#include "mcp_memory_format.hpp"
#include "output_file.hpp"
#include "program.hpp"
#include "query_arguments.hpp"
#include "terminal.hpp"

namespace holdfast::program {
namespace {

using WriteText = std::function<void(std::string_view)>;

struct ExportArguments {
  std::string ns;
  std::string output;
  std::string filter;
  std::string format = "holdfast";
  bool force = false;
  CLI::Option* filter_option = nullptr;

  [[nodiscard]] bool has_filter() const { return filter_option->count() > 0; }
  [[nodiscard]] bool to_file() const { return !output.empty() && output != "-"; }
};

MemoryQuery query_of(const ExportArguments& arguments) {
  MemoryQuery query;
  query.scope = {Namespace(arguments.ns), true};
  query.order = OrderBy::created;
  query.filter = read_filter(*arguments.filter_option, arguments.filter);
  return query;
}

/// Writes what a query finds, each row as one line, and says how far it has come.
class Export {
 public:
  Export(Memory& memory, WriteText write, const Context& context)
      : memory_(memory), write_(std::move(write)), context_(context) {}

  /// All from one state of the store, in the order of insertion.
  void holdfast(const MemoryQuery& query, std::string_view filter) {
    // Counting what a filter finds would cost as much as exporting it.
    if (filter.empty()) total_ = memory_.count(query, context_);
    ExportSum sum(query.scope.ns);
    const auto write_and_sum = [&](const std::string& line) {
      sum.add_line(line);
      write_line(line);
    };
    write_and_sum(export_header(query.scope.ns, filter));
    scan(query, [&](const ScanRow& row) {
      sum.add_entry(row.address, row.record);
      write_and_sum(export_line(row.address, row.record));
    });
    write_line(export_end(sum.closing()));
  }

  /// Entities first, as the reference server writes them; each half is one state of the store.
  void mcp_memory(MemoryQuery query) {
    const Namespace graph = query.scope.ns;
    for (const Namespace& half : {mcp_entities(graph), mcp_relations(graph)}) {
      query.scope = {half, false};
      scan(query, [&](const ScanRow& row) {
        write_line(mcp_line(graph, row.address, row.record.value));
      });
    }
  }

  [[nodiscard]] std::uint64_t entries() const noexcept { return entries_; }

 private:
  void scan(const MemoryQuery& query, const std::function<void(const ScanRow&)>& take) {
    const auto sink = [&](const ScanRow& row) {
      context_.check();
      take(row);
      progress_.show(++entries_, total_);
      return true;
    };
    memory_.scan(query, sink, context_);
  }
  void write_line(const std::string& line) {
    write_(line);
    write_("\n");
  }

  Memory& memory_;
  WriteText write_;
  Context context_;
  std::uint64_t entries_ = 0;
  std::uint64_t total_ = 0;  ///< 0: not known.
  Progress progress_{"exported", "entries"};
};

std::uint64_t write_export(Memory& memory, const ExportArguments& arguments, WriteText write,
                           const Context& context) {
  Export writer(memory, std::move(write), context);
  if (arguments.format == "mcp-memory") {
    writer.mcp_memory(query_of(arguments));
  } else {
    const MemoryQuery query = query_of(arguments);
    const MemoryValue filter =
        arguments.has_filter() ? MemoryValue::parse(arguments.filter) : MemoryValue();
    writer.holdfast(query, arguments.has_filter() ? filter.json_text() : "");
  }
  return writer.entries();
}

ExitCode run_export(Program& program, const ExportArguments& arguments) {
  (void)query_of(arguments);  // What is wrong with the arguments comes first.
  Context context;
  context.stop = program.interruption();
  if (!arguments.to_file()) {
    Output& output = program.output;
    output.stop_with(context.stop);
    Memory memory = program.open_existing();
    write_export(memory, arguments, [&](std::string_view text) { output.write(text); }, context);
    return ExitCode::done;
  }
  Memory memory = program.open_existing();
  OutputFile file(arguments.output, arguments.force);
  const std::uint64_t entries = write_export(
      memory, arguments, [&](std::string_view text) { file.write(text); }, context);
  context.check();
  file.finish();
  program.output.line(counted(entries, "entry", "entries") + " exported to " +
                      escape_controls(arguments.output));
  return ExitCode::done;
}

/// Nothing of a file that was not finished is left, so that the way on is to begin again.
ExitCode run_export_until_stopped(Program& program, const ExportArguments& arguments) {
  try {
    return run_export(program, arguments);
  } catch (const Error& error) {
    if (error.code() != ErrorCode::cancelled) throw;
    throw Error(ErrorCode::cancelled,
                arguments.to_file()
                    ? "stopped; nothing was written to " + arguments.output +
                          ", and the same command begins again"
                    : std::string("stopped; what was written ends without its closing line, and "
                                  "the same command begins again"));
  }
}

}  // namespace

void add_export_command(CLI::App& root, Program& program) {
  CLI::App& command = add_command(
      root, "export",
      "Write every entry, with times and revisions, as JSON Lines that import reads.\n"
      "In order of insertion, streaming, all of it one state of the store. A file has its name\n"
      "only once it is whole. The closing line has the digest that `holdfast digest` prints.",
      {"--store sqlite:m.db export --output all.jsonl.zst", "export users/42 > ada.jsonl",
       "export --filter '{\"role\":\"user\"}' --output users.jsonl.gz",
       "export agents/1/graph --format mcp-memory > memory.jsonl"});
  auto arguments = std::make_shared<ExportArguments>();
  command
      .add_option("NS", arguments->ns,
                  "This namespace and everything below it; without it everything")
      ->type_name("");
  command
      .add_option("-o,--output", arguments->output,
                  "To a file that must not exist; compressed where it ends in .gz or .zst")
      ->type_name("FILE");
  command.add_flag("--force", arguments->force, "Replace the file where it exists");
  arguments->filter_option = add_filter(command, arguments->filter);
  add_choice(command, program, "--format", arguments->format, {"holdfast", "mcp-memory"},
             "What import reads (the default), or the knowledge graph under NS as the MCP "
             "reference memory server keeps it");
  when_chosen(command, program,
              [arguments](Program& p) { return run_export_until_stopped(p, *arguments); });
}

}  // namespace holdfast::program
