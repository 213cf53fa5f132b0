#include "holdfast/search_config.hpp"

#include <algorithm>
#include <utility>

#include "holdfast/error.hpp"
#include "utf8.hpp"

namespace holdfast {
namespace {

[[noreturn]] void refuse(std::string_view member, const std::string& problem) {
  throw_invalid_argument("search configuration: " + std::string(member) + ": " + problem);
}

void check_range(std::string_view member, int number, int from, int to) {
  if (number >= from && number <= to) return;
  refuse(member, std::to_string(number) + " is not in " + std::to_string(from) + " to " +
                     std::to_string(to));
}

void check_side(const std::string& member, const std::vector<int>& percents) {
  if (percents.size() > SearchConfig::max_reach) {
    refuse(member, "over " + std::to_string(SearchConfig::max_reach) +
                       " entries away, the most that is allowed");
  }
  for (const int percent : percents) check_range(member, percent, 0, SearchConfig::max_percent);
}

void check_neighbours(const std::string& member, const SearchNeighbours& neighbours) {
  check_side(member + ".before", neighbours.before);
  check_side(member + ".after", neighbours.after);
}

constexpr std::string_view name_of(SearchField::Kind kind) noexcept {
  switch (kind) {
    case SearchField::Kind::text:
      return "text";
    case SearchField::Kind::name:
      return "name";
    case SearchField::Kind::date:
      break;
  }
  return "date";
}

MemoryValue to_list(const std::vector<int>& numbers) {
  const std::vector<MemoryValue> elements(numbers.begin(), numbers.end());
  return MemoryValue::list(elements);
}

MemoryValue to_map(const SearchNeighbours& neighbours) {
  return MemoryValue::map(
      {{"before", to_list(neighbours.before)}, {"after", to_list(neighbours.after)}});
}

MemoryValue to_map(const SearchField& field) {
  return MemoryValue::map(
      {{"path", field.path.text()}, {"kind", name_of(field.kind)}, {"weight", field.weight}});
}

// Reads members of maps; each error names the member.
int read_int(const std::string& member, const MemoryValue& value) {
  const auto number = value.get_if<std::int64_t>();
  if (!number) refuse(member, "an integer belongs there");
  if (!std::in_range<int>(*number)) refuse(member, std::to_string(*number) + " is out of range");
  return static_cast<int>(*number);
}

std::string read_text(const std::string& member, const MemoryValue& value) {
  const auto text = value.get_if<std::string>();
  if (!text) refuse(member, "a string belongs there");
  return *text;
}

void expect(const std::string& member, const MemoryValue& value, ValueKind kind) {
  if (value.kind() != kind) refuse(member, "a " + std::string(to_string(kind)) + " belongs there");
}

std::vector<int> read_percents(const std::string& member, const MemoryValue& value) {
  expect(member, value, ValueKind::list);
  std::vector<int> percents;
  for (const MemoryItem& element : value.items()) {
    percents.push_back(read_int(member, element.value));
  }
  return percents;
}

SearchNeighbours read_neighbours(const std::string& member, const MemoryValue& value) {
  expect(member, value, ValueKind::map);
  SearchNeighbours neighbours;
  for (const MemoryItem& item : value.items()) {
    const std::string name = member + "." + item.key;
    if (item.key == "before") {
      neighbours.before = read_percents(name, item.value);
    } else if (item.key == "after") {
      neighbours.after = read_percents(name, item.value);
    } else {
      refuse(name, "no such member; there are before, after");
    }
  }
  return neighbours;
}

SearchField::Kind read_kind(const std::string& member, const MemoryValue& value) {
  const std::string name = read_text(member, value);
  for (const auto kind :
       {SearchField::Kind::text, SearchField::Kind::name, SearchField::Kind::date}) {
    if (name == name_of(kind)) return kind;
  }
  refuse(member, "no kind '" + name + "'; there are text, name, date");
}

SearchField read_field(const std::string& member, const MemoryValue& value) {
  expect(member, value, ValueKind::map);
  SearchField field;
  for (const MemoryItem& item : value.items()) {
    const std::string name = member + "." + item.key;
    if (item.key == "path") {
      field.path = SearchPath(read_text(name, item.value));
    } else if (item.key == "kind") {
      field.kind = read_kind(name, item.value);
    } else if (item.key == "weight") {
      field.weight = read_int(name, item.value);
    } else {
      refuse(name, "no such member; there are path, kind, weight");
    }
  }
  return field;
}

std::vector<SearchField> read_fields(const MemoryValue& value) {
  expect("fields", value, ValueKind::list);
  std::vector<SearchField> fields;
  for (const MemoryItem& element : value.items()) {
    fields.push_back(read_field("fields[" + std::to_string(fields.size()) + "]", element.value));
  }
  return fields;
}

SearchEmbedding read_embedding(const MemoryValue& value) {
  expect("embedding", value, ValueKind::map);
  SearchEmbedding embedding;
  for (const MemoryItem& item : value.items()) {
    const std::string name = "embedding." + item.key;
    if (item.key == "model") {
      embedding.model = read_text(name, item.value);
    } else if (item.key == "dimensions") {
      embedding.dimensions = read_int(name, item.value);
    } else {
      refuse(name, "no such member; there are model, dimensions");
    }
  }
  return embedding;
}

void check_embedding(const SearchEmbedding& embedding) {
  if (embedding.model.empty() || embedding.model.size() > SearchEmbedding::max_model_bytes ||
      !is_valid_utf8(embedding.model)) {
    refuse("embedding.model", "UTF-8 of 1 to " + std::to_string(SearchEmbedding::max_model_bytes) +
                                  " bytes belongs there");
  }
  check_range("embedding.dimensions", embedding.dimensions, 1, SearchEmbedding::max_dimensions);
}

void read_member(SearchConfig& config, const std::string& member, const MemoryValue& value) {
  if (member == "fields") {
    config.fields = read_fields(value);
  } else if (member == "language") {
    config.language = read_text(member, value);
  } else if (member == "unless") {
    config.unless = SearchPath(read_text(member, value));
  } else if (member == "embedding") {
    config.embedding = read_embedding(value);
  } else if (member == "asked") {
    config.asked = read_int(member, value);
  } else if (member == "said_neighbours") {
    config.said_neighbours = read_neighbours(member, value);
  } else if (member == "asked_neighbours") {
    config.asked_neighbours = read_neighbours(member, value);
  } else if (member == "saturation") {
    config.saturation = read_int(member, value);
  } else if (member == "length_share") {
    config.length_share = read_int(member, value);
  } else {
    refuse(member,
           "no such member; there are fields, language, unless, embedding, asked, said_neighbours, "
           "asked_neighbours, saturation, length_share");
  }
}

}  // namespace

SearchConfig SearchConfig::texts(const std::vector<SearchPath>& paths) {
  SearchConfig config;
  for (const SearchPath& path : paths) config.fields.push_back({path});
  return config;
}

SearchConfig SearchConfig::conversation() {
  SearchConfig config;
  config.fields = {{"content"},
                   {"content[*].text"},
                   {"name", SearchField::Kind::name, 200},
                   {"", SearchField::Kind::date}};
  config.asked = 30;
  config.said_neighbours = {{30, 30}, {20, 20}};
  config.asked_neighbours = {{100, 30}, {20, 20}};
  config.saturation = 60;
  config.length_share = 50;
  return config;
}

void SearchConfig::check() const {
  if (fields.size() > max_fields) {
    refuse("fields", "over " + std::to_string(max_fields) + ", the most that is allowed");
  }
  for (std::size_t i = 0; i < fields.size(); ++i) {
    check_range("fields[" + std::to_string(i) + "].weight", fields[i].weight, 1, max_percent);
  }
  check_range("asked", asked, 0, max_percent);
  check_neighbours("said_neighbours", said_neighbours);
  check_neighbours("asked_neighbours", asked_neighbours);
  check_range("saturation", saturation, 1, max_percent);
  check_range("length_share", length_share, 0, 100);
  if (embedding) check_embedding(*embedding);
}

bool SearchConfig::leaves_out(const MemoryValue& value) const {
  bool is_true = false;
  if (!unless) return is_true;
  unless->resolve(value, [&](const MemoryValue& found) {
    is_true = is_true || found.get_if<bool>() == std::optional(true);
  });
  return is_true;
}

std::string SearchConfig::text_to_embed(const MemoryValue& value) const {
  if (leaves_out(value)) return {};
  const auto join = [&](SearchField::Kind kind, std::string_view between) {
    std::string joined;
    for (const SearchField& field : fields) {
      if (field.kind != kind) continue;
      field.path.resolve(value, [&](const MemoryValue& found) {
        const auto text = found.get_if<std::string>();
        if (!text || text->empty()) return;
        if (!joined.empty()) joined += between;
        joined += *text;
      });
    }
    return joined;
  };
  const std::string text = join(SearchField::Kind::text, "\n");
  if (text.empty()) return {};
  const std::string name = join(SearchField::Kind::name, ", ");
  return name.empty() ? text : name + ": " + text;
}

MemoryValue SearchConfig::to_value() const {
  std::vector<MemoryValue> list;
  list.reserve(fields.size());
  for (const SearchField& field : fields) list.push_back(to_map(field));
  std::vector<MemoryValue::Member> members = {{"fields", MemoryValue::list(list)},
                                              {"language", language},
                                              {"asked", asked},
                                              {"said_neighbours", to_map(said_neighbours)},
                                              {"asked_neighbours", to_map(asked_neighbours)},
                                              {"saturation", saturation},
                                              {"length_share", length_share}};
  if (unless) members.emplace_back("unless", unless->text());
  if (embedding) {
    members.emplace_back("embedding", MemoryValue::map({{"model", embedding->model},
                                                        {"dimensions", embedding->dimensions}}));
  }
  return MemoryValue::map(members);
}

SearchConfig SearchConfig::from_value(const MemoryValue& value) {
  if (value.kind() != ValueKind::map) {
    throw_invalid_argument("search configuration: a map belongs there, not a " +
                           std::string(to_string(value.kind())));
  }
  SearchConfig config;
  for (const MemoryItem& item : value.items()) read_member(config, item.key, item.value);
  config.check();
  return config;
}

}  // namespace holdfast
