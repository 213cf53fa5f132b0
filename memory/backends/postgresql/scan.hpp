// Scans: entries and namespaces in order, all from one state.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "holdfast/backend.hpp"
#include "store.hpp"

namespace holdfast::postgresql {

// A scan in SQL.
struct ScanPlan {
  struct Part {
    Statement statement;
    Arguments arguments;
  };
  // One after the other; with `limited` there is one, which gives no more than rows_wanted.
  std::vector<Part> parts;
  bool limited = false;
};

// `rows_wanted` bounds the statement where the server alone can tell which rows match. For tests,
// which have it explained.
[[nodiscard]] ScanPlan plan_scan(const Store& store, const ScanRequest& request,
                                 const Context& context);

// `delivered` is set once the sink has seen a row: after that the scan cannot be repeated.
void scan(Store& store, Connection& connection, const ScanRequest& request, const RowSink& sink,
          bool& delivered, const Context& context);

void scan_namespaces(Store& store, Connection& connection, const Namespace& root,
                     const std::optional<std::string>& after, const NamespaceSink& sink,
                     bool& delivered, const Context& context);

}  // namespace holdfast::postgresql
