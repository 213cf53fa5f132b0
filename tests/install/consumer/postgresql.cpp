#include <chrono>
#include <holdfast/error.hpp>
#include <holdfast/postgresql.hpp>

// There is no server: the store says so.
int main() {
  holdfast::PostgresqlOptions options;
  options.connection = "host=/nonexistent dbname=none user=none";
  options.retry_for = std::chrono::milliseconds(0);
  try {
    (void)holdfast::open_postgresql(options);
  } catch (const holdfast::Error& error) {
    return error.code() == holdfast::ErrorCode::unavailable ? 0 : 1;
  }
  return 1;
}
