/// @file
/// A file that has its name only once it is whole.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "compression.hpp"

namespace holdfast::program {

/// Written under a temporary name beside its own, and compressed where its name says so. `finish`
/// brings it to disk and gives it its name; without that nothing is left of it.
///
/// Throws `InvalidArgument` for a name that is taken or cannot be, other `Error`s where writing
/// fails.
class OutputFile {
 public:
  /// @param replace whether a file of that name may be replaced.
  OutputFile(const std::string& name, bool replace);
  ~OutputFile();
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;

  void write(std::string_view text);
  void finish();

 private:
  void refuse_name_that_is_taken() const;
  void create_temporary();
  void flush();
  void give_name();

  std::string name_;
  bool replace_;
  std::string temporary_;  ///< Empty once the file has its name.
  int descriptor_ = -1;
  std::unique_ptr<Encoder> encoder_;
  std::string text_;   ///< Not yet compressed.
  std::string bytes_;  ///< Not yet written.
};

}  // namespace holdfast::program
