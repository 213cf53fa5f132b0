// What a hostile tenant does with a text: everything that a call takes one for.
#pragma once

#include <string>
#include <vector>

#include "tenants.hpp"

namespace holdfast::fault_tests {

class Injection : public Tenants {
 protected:
  // Each gives how many calls it made, and fails the test where one of them reaches others.
  std::size_t as_addresses(const std::vector<std::string>& texts);
  std::size_t as_filters(const std::vector<std::string>& texts);
  std::size_t as_patterns(const std::vector<std::string>& texts);
  std::size_t as_searches(const std::vector<std::string>& texts);
  std::size_t as_handles(const std::vector<std::string>& texts);  // Cursors, notes, tokens.

 private:
  void as_address(const std::string& text);
  void as_transaction(const Namespace& ns, const std::string& text);
  void as_filter(const Filter& filter, const std::vector<Entry>& own, const std::string& text);
  void fill_with(const std::vector<std::string>& texts);
  [[nodiscard]] std::vector<Entry> own_entries();

  std::size_t calls_ = 0;
};

}  // namespace holdfast::fault_tests
