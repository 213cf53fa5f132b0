// Operation sequences: the in-memory store answers each as the model of the contract does (clauses
// 3 to 7). Each letter is an operation, and the bytes behind it are its arguments, as in `step`.
#include <array>
#include <memory>
#include <set>
#include <vector>

#include "fuzz_input.hpp"
#include "holdfast/conformance/random_inputs.hpp"
#include "holdfast/conformance/reference_model.hpp"
#include "holdfast/conformance/revision_pairs.hpp"
#include "holdfast/in_memory.hpp"

namespace holdfast::fault_tests {
namespace {

using conformance::DrawnPrecondition;
using conformance::RandomOp;
using conformance::ReferenceModel;
using conformance::Refused;
using Place = ReferenceModel::Place;

class Sequence {
 public:
  explicit Sequence(FuzzInput input) : input_(input), store_(open_in_memory(options())) {}

  void run() {
    // The model copies itself for each write.
    for (int left = 60; left > 0 && !input_.at_end(); --left) step();
    see_everything();
  }

 private:
  InMemoryOptions options() {
    InMemoryOptions options;
    options.clock = clock_;
    options.change_log = input_.below(2) == 1;
    return options;
  }
  void step() {
    static constexpr std::string_view letters = "wwwbgictqnsrm";
    const std::size_t drawn = input_.below(256);
    const std::size_t letter = letters.find(static_cast<char>(drawn));
    switch (letters[letter == std::string_view::npos ? drawn % letters.size() : letter]) {
      case 'w':
        return write(1);
      case 'b':
        return write(1 + input_.below(5));
      case 'g':
        return get();
      case 'i':
        return write_kind(WriteOp::Kind::increment);
      case 'c':
        return clear();
      case 't':
        return write_kind(WriteOp::Kind::touch);
      case 'q':
        return query();
      case 'n':
        return see_namespaces();
      case 's':
        return sweep();
      case 'r':
        return restore();
      default:
        clock_->advance(std::chrono::milliseconds(input_.below(16)));
    }
  }

  Place place() {
    static const std::array<const char*, 6> namespaces{"",   "a",        "a/b",
                                                       "a!", "users/42", "users/421"};
    static const std::array<const char*, 5> keys{"", "k", "k1", "kk", "\xc3\xa9"};
    const std::size_t ns = input_.below(namespaces.size());
    return {namespaces[ns], keys[input_.below(keys.size())]};
  }
  MemoryValue value() {
    static const std::array<const char*, 8> texts{
        "1",      "-9223372036854775808", "9223372036854775807", "1.0", "null", R"({"n":1})",
        R"("1")", R"([1,{"$bytes":""}])"};
    return MemoryValue::parse(texts[input_.below(texts.size())]);
  }
  std::optional<Ttl> ttl() {
    const std::size_t drawn = input_.below(8);
    if (drawn > 3) return std::nullopt;
    return Ttl(std::chrono::milliseconds(1 + drawn * 9));
  }
  RandomOp op(std::optional<WriteOp::Kind> kind) {
    static constexpr std::array kinds{WriteOp::Kind::set,       WriteOp::Kind::set,
                                      WriteOp::Kind::erase,     WriteOp::Kind::check,
                                      WriteOp::Kind::increment, WriteOp::Kind::touch};
    static constexpr std::array conditions{
        DrawnPrecondition::none,       DrawnPrecondition::none,       DrawnPrecondition::if_absent,
        DrawnPrecondition::if_present, DrawnPrecondition::if_current, DrawnPrecondition::if_never};
    RandomOp op;
    op.kind = kind.value_or(kinds[input_.below(kinds.size())]);
    op.place = place();
    op.drawn = conditions[input_.below(conditions.size())];
    const std::size_t flags = input_.below(8);
    op.on_unmet = (flags & 1U) != 0 ? OnUnmet::skip : OnUnmet::abort_batch;
    op.return_previous = (flags & 2U) != 0;
    if (op.kind == WriteOp::Kind::set || op.kind == WriteOp::Kind::touch) op.ttl = ttl();
    op.keep_ttl = op.kind == WriteOp::Kind::set && !op.ttl && (flags & 4U) != 0;
    if (op.kind == WriteOp::Kind::set) op.value = value();
    if (op.kind == WriteOp::Kind::increment) op.delta = std::int64_t(input_.below(9)) - 4;
    return op;
  }

  // The precondition in the revisions of the model, and in those of the store.
  [[nodiscard]] Precondition in_model(const RandomOp& op) const {
    switch (op.drawn) {
      case DrawnPrecondition::if_absent:
        return Precondition::if_absent();
      case DrawnPrecondition::if_present:
        return Precondition::if_present();
      case DrawnPrecondition::if_current: {
        const auto live = model_.get(op.place, clock_->now());
        return Precondition::if_revision(live && pairs_.real(live->revision) ? live->revision : 0);
      }
      case DrawnPrecondition::if_never:
        return Precondition::if_revision(conformance::RandomInputs::never_given);
      case DrawnPrecondition::none:
        break;
    }
    return {};
  }
  [[nodiscard]] Precondition in_store(const RandomOp& op) const {
    Precondition precondition = in_model(op);
    if (const auto real = pairs_.real(precondition.revision)) precondition.revision = *real;
    return precondition;
  }

  void write(std::size_t ops) { write_all(ops, std::nullopt); }
  void write_kind(WriteOp::Kind kind) { write_all(1, kind); }
  void write_all(std::size_t ops, std::optional<WriteOp::Kind> kind) {
    WriteBatch real;
    WriteBatch model;
    for (; ops > 0; --ops) {
      const RandomOp drawn = op(kind);
      drawn.add_to(real, in_store(drawn));
      drawn.add_to(model, in_model(drawn));
    }
    std::vector<WriteResult> wanted;
    std::optional<std::size_t> failed;
    std::optional<ErrorCode> refused;
    try {
      failed = model_.write(model.ops(), wanted, clock_->now());
    } catch (const Refused& refusal) {
      refused = refusal.code;
    }
    BatchResult result;
    const auto error = refusal_of([&] { result = store_.write(real); });
    expect(error.has_value() == refused.has_value() && (!error || error->code() == *refused),
           "another error", error ? error->what() : "none");
    if (error) return;
    expect(result.failed == failed && result.applied == !failed, "another outcome of a batch");
    if (failed) return;
    for (std::size_t i = 0; i < wanted.size(); ++i) expect_same(result.results[i], wanted[i]);
  }
  void expect_same(const WriteResult& real, const WriteResult& wanted) {
    expect(real.status == wanted.status && real.number == wanted.number, "another result");
    if (wanted.status != WriteStatus::absent) expect_same(real.revision, wanted.revision);
    if (wanted.status == WriteStatus::unmet) return;
    expect(real.previous.has_value() == wanted.previous.has_value(), "another previous record");
    if (real.previous) expect_same(*real.previous, *wanted.previous);
  }
  void expect_same(Revision real, Revision wanted) {
    expect(pairs_.agree(wanted, real), "another revision", std::to_string(real));
  }
  void expect_same(const Record& real, const Record& wanted) {
    expect(real.value == wanted.value && real.value.kind() == wanted.value.kind(), "another value",
           real.value.json_text());
    expect_same(real.created_revision, wanted.created_revision);
    expect_same(real.revision, wanted.revision);
    expect(real.created_at == wanted.created_at && real.updated_at == wanted.updated_at &&
               real.expires_at == wanted.expires_at,
           "another time");
  }
  void expect_same(const std::optional<Entry>& real, const std::optional<Record>& wanted) {
    expect(real.has_value() == wanted.has_value(), "an entry is there, or is not");
    if (real) expect_same(static_cast<const Record&>(*real), *wanted);
  }

  void get() {
    const Place at = place();
    const auto wanted = model_.get(at, clock_->now());
    expect_same(store_.get_entry(Namespace(at.first), at.second), wanted);
    expect(store_.exists(Namespace(at.first), at.second) == wanted.has_value(), "it exists");
  }
  Scope scope() {
    const Place at = place();
    return {Namespace(at.first), input_.below(2) == 1};
  }
  void clear() {
    const Scope all = scope();
    expect(store_.clear(all) == model_.clear(all, clock_->now()), "another number was cleared");
  }
  void query() {
    MemoryQuery query;
    query.scope = scope();
    query.order = static_cast<OrderBy>(input_.below(3));
    query.direction = static_cast<Direction>(input_.below(2));
    query.limit = 1 + input_.below(5);
    see(query);
  }
  void see(MemoryQuery query) {
    const auto all = [](const MemoryValue&) { return true; };
    const std::vector<Entry> wanted = model_.query(query, all, clock_->now());
    expect(store_.count(query.scope) == wanted.size(), "another count");
    std::size_t at = 0;
    do {
      const Page page = store_.query(query);
      for (const Entry& entry : page.entries) {
        expect(at < wanted.size() && entry.ns == wanted[at].ns && entry.key == wanted[at].key,
               "another entry in a page", entry.key);
        expect_same(static_cast<const Record&>(entry), wanted[at++]);
      }
      query.cursor = page.cursor;
    } while (!query.cursor.empty());
    expect(at == wanted.size(), "pages leave entries out");
  }
  void see_namespaces() {
    std::vector<std::string> seen;
    for (const Namespace& ns : store_.list_namespaces().namespaces) seen.emplace_back(ns.text());
    expect(seen == model_.namespaces(clock_->now()), "other namespaces");
  }
  void sweep() {
    const std::size_t most = input_.below(5);
    expect(store_.sweep(most) <= most, "it swept more");
  }
  void restore() {
    std::vector<Entry> entries(1 + input_.below(3));
    std::set<Place> places;
    for (Entry& entry : entries) {
      const Place at = place();
      entry.ns = Namespace(at.first);
      entry.key = at.second;
      entry.value = value();
      if (const auto left = ttl()) entry.expires_at = clock_->now() + left->milliseconds();
      // Of several for one address the model has no rule.
      if (!places.insert(at).second) return;
    }
    store_.restore(entries, RestoreRevisions::assign);
    model_.restore(entries, clock_->now());
  }
  void see_everything() {
    for (const OrderBy order : {OrderBy::key, OrderBy::created, OrderBy::updated}) {
      MemoryQuery query;
      query.scope = {Namespace(), true};
      query.order = order;
      see(query);
    }
    see_namespaces();
    const MemoryStats stats = store_.stats();
    expect(stats.entries == model_.live_entries(clock_->now()) &&
               stats.bytes == model_.live_bytes(clock_->now()),
           "other totals");
  }

  FuzzInput input_;
  std::shared_ptr<ManualClock> clock_ = std::make_shared<ManualClock>();
  Memory store_;
  ReferenceModel model_;
  conformance::RevisionPairs pairs_;
};

}  // namespace
}  // namespace holdfast::fault_tests

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace holdfast::fault_tests;
  Sequence(FuzzInput(bytes, size)).run();
  return 0;
}
