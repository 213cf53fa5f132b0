// Sockets at 127.0.0.1.
#pragma once

#include "descriptor.hpp"

namespace holdfast::testing {

// Bound to a free port; nobody is told of it before someone listens. Throws std::system_error.
[[nodiscard]] Descriptor bound_loopback_socket();
[[nodiscard]] int port_of(const Descriptor& socket);

}  // namespace holdfast::testing
