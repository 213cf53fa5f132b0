#include "export_sum.hpp"

#include <xxhash.h>

#include <array>
#include <cstdio>
#include <new>

namespace holdfast::program {

void ExportSum::Free::operator()(XXH3_state_s* hash) const noexcept { ::XXH3_freeState(hash); }

ExportSum::ExportSum(const Namespace& scope) : content_(scope), lines_(::XXH3_createState()) {
  if (!lines_) throw std::bad_alloc();
  ::XXH3_128bits_reset(lines_.get());
}

void ExportSum::add_line(std::string_view line) {
  ::XXH3_128bits_update(lines_.get(), line.data(), line.size());
  ::XXH3_128bits_update(lines_.get(), "\n", 1);
}

void ExportSum::add_entry(AddressView address, const Record& record) {
  content_.add(address, record);
  ++entries_;
}

ExportClosing ExportSum::closing() const {
  const XXH128_hash_t hash = ::XXH3_128bits_digest(lines_.get());
  std::array<char, 40> text{};
  std::snprintf(text.data(), text.size(), "%016llx%016llx",
                static_cast<unsigned long long>(hash.high64),
                static_cast<unsigned long long>(hash.low64));
  return {entries_, content_.finish().text, text.data()};
}

}  // namespace holdfast::program
