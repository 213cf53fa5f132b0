// Which call a result belongs to, as messages go by oldest first.
#pragma once

#include <map>
#include <string>

#include "holdfast/message.hpp"

namespace holdfast {

// Finds what `answers` defines, the newest call before a result, in logarithmic time. Messages are
// known by their `created_revision`.
class CallIndex {
 public:
  // Takes note of an assistant's calls.
  void add(const Message& call) {
    for (const ToolCall& made : call.tool_calls()) {
      newest_ = call.created_revision();
      by_name_[made.name] = newest_;
      if (!made.id.empty()) by_id_[made.id] = newest_;
    }
  }

  // Where the call was made that a result answers; 0: nowhere.
  [[nodiscard]] Revision call_of(const Message& result) const {
    if (result.role() == Role::tool) {
      const auto id = result.tool_call_id();
      return id ? found(by_id_, *id) : newest_;
    }
    const auto name = result.name();
    return name ? found(by_name_, *name) : newest_;
  }

 private:
  // Sorted, since models and tools choose the texts: nothing can be made to collide.
  using Places = std::map<std::string, Revision>;
  static Revision found(const Places& places, const std::string& key) {
    const auto place = places.find(key);
    return place == places.end() ? 0 : place->second;
  }

  Places by_id_;
  Places by_name_;
  Revision newest_ = 0;
};

}  // namespace holdfast
