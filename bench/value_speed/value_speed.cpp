// What a value costs, beside nlohmann::json: reading JSON text and giving it back, coming and going
// as nlohmann::json, copying, looking into it. The sample is a chat message of about 1 KB with a
// call of a tool.
#include <benchmark/benchmark.h>
#include <malloc.h>

#include <holdfast/value.hpp>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "support/contest.hpp"
#include "support/run_contests.hpp"

namespace holdfast::bench {
namespace {

const std::string& message_text() {
  static const std::string text = [] {
    const std::string arguments = R"({"order":"A-20931","fields":["status","carrier"],"note":")" +
                                  std::string(420, 'x') + "\"}";
    const nlohmann::json call = {
        {"id", "call_93hd8aj2"},
        {"type", "function"},
        {"function", {{"name", "look_up_order"}, {"arguments", arguments}}}};
    const nlohmann::json message = {
        {"role", "assistant"},
        {"content",
         "The order was sent on Tuesday; the carrier says that it should arrive within two working "
         "days. I have asked them to leave it with a neighbour.\nIs there anything else?"},
        {"metadata",
         {{"model", "large"},
          {"tokens", {{"prompt", 1834}, {"completion", 211}}},
          {"temperature", 0.7},
          {"created", 1764000000}}},
        {"tool_calls", nlohmann::json::array({call})}};
    return message.dump();
  }();
  return text;
}

/// The same message with the keys in the order in which services send them.
std::string unsorted_message_text() {
  auto message = nlohmann::ordered_json::parse(message_text());
  nlohmann::ordered_json reversed;
  for (auto member = message.rbegin(); member != message.rend(); ++member) {
    reversed[member.key()] = member.value();
  }
  return reversed.dump();
}

// Runs `step` once for each item.
template <typename Step>
void add(const std::string& operation, const std::string& contestant, const Step& step) {
  register_contestant("value/" + operation + "/1000B", contestant, [=](benchmark::State& state) {
    for (auto _ : state) benchmark::DoNotOptimize(step());
    state.SetItemsProcessed(state.iterations());
  });
}

void register_text(const std::string& order, const std::string& text) {
  add("parse_and_text/" + order, "holdfast", [text] {
    const MemoryValue value = MemoryValue::parse(text);
    return value.json_text().back();
  });
  add("parse_and_text/" + order, "nlohmann",
      [text] { return nlohmann::json::parse(text).dump().back(); });
}

// The other library's way between its value and JSON text is what Holdfast's replaces.
void register_conversions() {
  const MemoryValue value = MemoryValue::parse(message_text());
  const nlohmann::json json = nlohmann::json::parse(message_text());
  add("from_json", "holdfast", [json] { return MemoryValue::from_json(json).json_text().back(); });
  add("from_json", "nlohmann", [json] { return json.dump().back(); });
  add("to_json", "holdfast", [value] { return value.to_json(); });
  add("to_json", "nlohmann", [] { return nlohmann::json::parse(message_text()); });
}

void register_looking() {
  const MemoryValue value = MemoryValue::parse(message_text());
  const nlohmann::json json = nlohmann::json::parse(message_text());
  add("copy", "holdfast", [value] { return value; });
  add("copy", "nlohmann", [json] { return json; });
  add("nested_member", "holdfast",
      [value] { return value["metadata"]["tokens"]["prompt"].get<std::int64_t>(); });
  add("nested_member", "nlohmann",
      [json] { return json["metadata"]["tokens"]["prompt"].get<std::int64_t>(); });
}

// Bytes of the heap that one parsed message holds.
template <typename Value>
void heap_of_one(benchmark::State& state) {
  constexpr std::size_t count = 10'000;
  double bytes = 0;
  for (auto _ : state) {
    std::vector<Value> values(count);
    const std::size_t before = mallinfo2().uordblks;
    for (Value& value : values) value = Value::parse(message_text());
    bytes = static_cast<double>(mallinfo2().uordblks - before) / count;
  }
  state.counters["bytes_per_entry"] = bytes;
}

void register_all() {
  register_text("canonical", message_text());
  register_text("unsorted", unsorted_message_text());
  register_conversions();
  register_looking();
  register_contestant("value/bytes/1000B", "holdfast", heap_of_one<MemoryValue>)->Iterations(1);
  register_contestant("value/bytes/1000B", "nlohmann", heap_of_one<nlohmann::json>)->Iterations(1);
}

}  // namespace
}  // namespace holdfast::bench

int main(int argc, char** argv) {
  return holdfast::bench::run_contests(argc, argv, holdfast::bench::register_all);
}
