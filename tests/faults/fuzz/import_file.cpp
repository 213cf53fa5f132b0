// Import files: one either changes nothing, or what it brought can be exported and comes back the
// same (docs/program.md). The first line names the format; after "sealed" the rest is an export
// without its closing line, which is added here, so that damage gets past the check sums.
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <memory>
#include <system_error>
#include <utility>

#include "../../../memory/layers/mirror/shared_backend.hpp"
#include "../../../tools/holdfast/entry_import.hpp"
#include "../../../tools/holdfast/export_format.hpp"
#include "fuzz_input.hpp"
#include "holdfast/digest.hpp"
#include "holdfast/in_memory.hpp"

namespace holdfast::fault_tests {
namespace {

using namespace program;

// A file without a name, which an import reads as any other.
class UnnamedFile {
 public:
  explicit UnnamedFile(std::string_view content)
      : descriptor_(::memfd_create("import", MFD_CLOEXEC)) {
    const ssize_t written = ::write(descriptor_, content.data(), content.size());
    if (written != static_cast<ssize_t>(content.size()) || ::lseek(descriptor_, 0, SEEK_SET) != 0) {
      throw std::system_error(errno, std::generic_category(), "memfd");
    }
  }
  ~UnnamedFile() { ::close(descriptor_); }
  UnnamedFile(const UnnamedFile&) = delete;
  UnnamedFile& operator=(const UnnamedFile&) = delete;
  [[nodiscard]] std::string name() const { return "/proc/self/fd/" + std::to_string(descriptor_); }

 private:
  int descriptor_;
};

// The content with a closing line that fits, where all its lines are in order.
std::string sealed(std::string_view content) {
  std::string text(content);
  if (!text.empty() && text.back() != '\n') text += '\n';
  FuzzInput lines(content);
  static_cast<void>(refusal_of([&] {
    const std::string_view header = lines.line();
    ExportSum sum(parse_export_header(header));
    sum.add_line(header);
    while (!lines.at_end()) {
      const std::string_view line = lines.line();
      const Entry entry = parse_entry(line, EntryForm::exported, {});
      sum.add_line(line);
      sum.add_entry({entry.ns.text(), entry.key}, entry);
    }
    text += export_end(sum.closing()) + "\n";
  }));
  return text;
}

std::string exported(Memory& memory) {
  const std::string header = export_header({}, {});
  ExportSum sum;
  sum.add_line(header);
  std::string text = header + "\n";
  MemoryQuery query;
  query.scope = {Namespace(), true};
  query.order = OrderBy::created;
  memory.scan(query, [&](const ScanRow& row) {
    const std::string line = export_line(row.address, row.record);
    sum.add_line(line);
    sum.add_entry(row.address, row.record);
    text += line + "\n";
    return true;
  });
  return text + export_end(sum.closing()) + "\n";
}

// A store, and an import's view of it, which ends with the import.
class Store {
 public:
  Store() {
    InMemoryOptions options;
    options.clock = std::make_shared<ManualClock>();
    backend_ = make_in_memory_backend(options);
  }
  [[nodiscard]] Memory open() const {
    return Memory(std::make_unique<mirror::SharedBackend>(backend_, false));
  }

 private:
  std::shared_ptr<Backend> backend_;
};

// What went wrong; empty: nothing. `was_made`: whether the import asked for the store.
std::optional<Error> run_import(const Store& store, std::string_view content, ImportFormat format,
                                bool& was_made) {
  const UnnamedFile file(content);
  ImportOptions options;
  options.file = file.name();
  options.form.format = format;
  options.form.graph = Namespace("graph");
  options.form.now = ManualClock().now();
  EntryImport entries(std::move(options), [&] {
    was_made = true;
    return store.open();
  });
  return refusal_of([&] { static_cast<void>(entries.run()); });
}

void check_refused(const Error& refusal, Memory& memory, bool was_made) {
  const bool says_so = refusal.message().ends_with("imported before that");
  const std::uint64_t entries = memory.count({Namespace(), true});
  expect(says_so == (entries > 0), "it does not say how much was imported", refusal.what());
  const bool is_wrong_form =
      refusal.code() == ErrorCode::invalid_argument && refusal.message().starts_with("line ");
  expect(!is_wrong_form || !was_made, "the file was not checked first", refusal.what());
  const bool is_known =
      is_wrong_form || (was_made && (refusal.code() == ErrorCode::invalid_argument ||
                                     refusal.code() == ErrorCode::failed_precondition));
  expect(is_known, "refused with another code", refusal.what());
}

void check_comes_back(Memory& memory) {
  const std::string text = exported(memory);
  const Store copy;
  bool was_made = false;
  const auto refusal = run_import(copy, text, ImportFormat::holdfast, was_made);
  expect(!refusal, "what was exported is refused", refusal ? refusal->what() : "");
  Memory copied = copy.open();
  expect(exported(copied) == text, "what was exported comes back otherwise", text);
  expect(digest(copied) == digest(memory), "its digest is another", text);
}

void check(std::string_view content, ImportFormat format) {
  const Store store;
  bool was_made = false;
  const auto refusal = run_import(store, content, format, was_made);
  Memory memory = store.open();
  if (refusal) {
    check_refused(*refusal, memory, was_made);
  } else {
    check_comes_back(memory);
  }
}

}  // namespace
}  // namespace holdfast::fault_tests

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace holdfast::fault_tests;
  using holdfast::program::ImportFormat;
  FuzzInput input(bytes, size);
  const std::string_view format = input.line();
  if (format == "sealed") {
    check(sealed(input.rest()), ImportFormat::holdfast);
  } else if (format == "plain") {
    check(input.rest(), ImportFormat::plain);
  } else if (format == "mcp-memory") {
    check(input.rest(), ImportFormat::mcp_memory);
  } else {
    check(input.rest(), ImportFormat::holdfast);
  }
  return 0;
}
