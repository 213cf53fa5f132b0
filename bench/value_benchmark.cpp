// What a value costs, beside nlohmann::json: reading JSON text and giving it back, copying, looking
// into it. The sample is a chat message of about 1 KB with a call of a tool.
#include <benchmark/benchmark.h>
#include <malloc.h>

#include <holdfast/value.hpp>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace {

using holdfast::MemoryValue;

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

void set_bytes(benchmark::State& state, std::size_t bytes) {
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(bytes));
}

void value_parse_and_text(benchmark::State& state, const std::string& text) {
  for (auto _ : state) {
    const MemoryValue value = MemoryValue::parse(text);
    benchmark::DoNotOptimize(value.json_text().data());
  }
  set_bytes(state, text.size());
}

void nlohmann_parse_and_dump(benchmark::State& state, const std::string& text) {
  for (auto _ : state) {
    const std::string dumped = nlohmann::json::parse(text).dump();
    benchmark::DoNotOptimize(dumped.data());
  }
  set_bytes(state, text.size());
}

void value_copy(benchmark::State& state) {
  const MemoryValue value = MemoryValue::parse(message_text());
  for (auto _ : state) {
    MemoryValue copy = value;
    benchmark::DoNotOptimize(copy);
  }
}

void nlohmann_copy(benchmark::State& state) {
  const nlohmann::json value = nlohmann::json::parse(message_text());
  for (auto _ : state) {
    nlohmann::json copy = value;
    benchmark::DoNotOptimize(copy);
  }
}

void value_nested_member(benchmark::State& state) {
  const MemoryValue value = MemoryValue::parse(message_text());
  for (auto _ : state) {
    benchmark::DoNotOptimize(value["metadata"]["tokens"]["prompt"].get<std::int64_t>());
  }
}

void nlohmann_nested_member(benchmark::State& state) {
  const nlohmann::json value = nlohmann::json::parse(message_text());
  for (auto _ : state) {
    benchmark::DoNotOptimize(value["metadata"]["tokens"]["prompt"].get<std::int64_t>());
  }
}

void value_to_json(benchmark::State& state) {
  const MemoryValue value = MemoryValue::parse(message_text());
  for (auto _ : state) benchmark::DoNotOptimize(value.to_json());
}

void value_from_json(benchmark::State& state) {
  const nlohmann::json json = nlohmann::json::parse(message_text());
  for (auto _ : state) benchmark::DoNotOptimize(MemoryValue::from_json(json));
}

/// Bytes of the heap that one parsed message holds.
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
  state.counters["heap_bytes"] = bytes;
}

BENCHMARK_CAPTURE(value_parse_and_text, canonical, message_text());
BENCHMARK_CAPTURE(value_parse_and_text, unsorted, unsorted_message_text());
BENCHMARK_CAPTURE(nlohmann_parse_and_dump, canonical, message_text());
BENCHMARK_CAPTURE(nlohmann_parse_and_dump, unsorted, unsorted_message_text());
BENCHMARK(value_copy);
BENCHMARK(nlohmann_copy);
BENCHMARK(value_nested_member);
BENCHMARK(nlohmann_nested_member);
BENCHMARK(value_to_json);
BENCHMARK(value_from_json);
BENCHMARK(heap_of_one<MemoryValue>)->Iterations(1);
BENCHMARK(heap_of_one<nlohmann::json>)->Iterations(1);

}  // namespace
