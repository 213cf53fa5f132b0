// Values: from JSON text and nlohmann's JSON, and back.
#include <nlohmann/json.hpp>
#include <string_view>

#include "holdfast/value.hpp"
#include "scenarios.hpp"
#include "support/workload.hpp"

namespace holdfast::bench {
namespace {

constexpr std::uint64_t repeated = 200;

// A message of about a kilobyte, as a program would write it: keys in no order.
std::string message_text() {
  return R"({"role":"assistant","message":)" + value_text(700, 1) +
         R"(,"usage":{"input_tokens":1532,"output_tokens":218,"cost":0.00731},)"
         R"("tags":["weather","Zürich","line\nbreak","\u00e9t\u00e9"],"final":true,)"
         R"("parent":null,"scores":[0.25,1.5e-3,-7,9007199254740993]})";
}

}  // namespace

std::vector<Scenario> value_scenarios() {
  const auto add = [](const char* name, const auto& once) {
    return Scenario{std::string("value/") + name, repeated, [once]() -> Measured {
                      return
                          [once, text = message_text(), value = MemoryValue::parse(message_text()),
                           json = nlohmann::json::parse(message_text())](std::uint64_t) {
                            for (std::uint64_t i = 0; i < repeated; ++i) once(text, value, json);
                          };
                    }};
  };
  using Text = const std::string&;
  using Value = const MemoryValue&;
  using Json = const nlohmann::json&;
  return {
      add("parse", [](Text text, Value, Json) { require(!MemoryValue::parse(text).is_null()); }),
      add("map_and_text",
          [](Text, Value value, Json) {
            const MemoryValue made =
                MemoryValue::map({{"role", "user"}, {"message", value}, {"version", 7}});
            require(made.json_text().size() > value.json_text().size());
          }),
      add("find", [](Text, Value value, Json) { require(value.find("usage").has_value()); }),
      add("from_json",
          [](Text, Value, Json json) { require(!MemoryValue::from_json(json).is_null()); }),
      add("to_json", [](Text, Value value, Json) { require(value.to_json().is_object()); }),
  };
}

}  // namespace holdfast::bench
