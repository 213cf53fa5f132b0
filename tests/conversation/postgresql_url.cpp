#include "postgresql_server.hpp"
#include "stores.hpp"
#include "test_schema.hpp"

namespace holdfast {

std::string postgresql_url(const std::filesystem::path& folder) {
  return testing::with_url_options(
      testing::shared_server_url(),
      {{"schema", testing::schema_for(folder)}, {"durability", "normal"}});
}

}  // namespace holdfast
