#include "cutting_proxy.hpp"

#include <libpq-fe.h>
#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <condition_variable>
#include <cstring>
#include <list>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <thread>
#include <utility>
#include <vector>

#include "loopback.hpp"
#include "postgresql_server.hpp"
#include "wire.hpp"

namespace holdfast::testing {
namespace {

// Where the server listens.
struct Target {
  std::string host;
  std::string port;
};

// As libpq finds it, which may be by its environment variables.
Target target_of(const std::string& url) {
  const std::unique_ptr<PGconn, decltype(&PQfinish)> connection(PQconnectdb(url.c_str()),
                                                                &PQfinish);
  if (PQstatus(connection.get()) != CONNECTION_OK) {
    throw std::runtime_error(PQerrorMessage(connection.get()));
  }
  return {PQhost(connection.get()), PQport(connection.get())};
}

Descriptor connect_to_unix_socket(const Target& target) {
  const std::string path = target.host + "/.s.PGSQL." + target.port;
  sockaddr_un address{};
  if (path.size() >= sizeof address.sun_path) return Descriptor();
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path.data(), path.size());
  Descriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const bool connected =
      ::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  return connected ? std::move(socket) : Descriptor();
}

Descriptor connect_by_tcp(const Target& target) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (::getaddrinfo(target.host.c_str(), target.port.c_str(), &hints, &found) != 0) {
    return Descriptor();
  }
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owner(found, &::freeaddrinfo);
  for (const addrinfo* one = found; one != nullptr; one = one->ai_next) {
    Descriptor socket(::socket(one->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (::connect(socket.get(), one->ai_addr, one->ai_addrlen) == 0) return socket;
  }
  return Descriptor();
}

// -1 where nobody answers.
Descriptor connect_to(const Target& target) {
  return target.host.starts_with('/') ? connect_to_unix_socket(target) : connect_by_tcp(target);
}

bool send_all(const Descriptor& socket, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t n = ::send(socket.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
  return true;
}

// What is there; empty at the end.
std::string receive_some(const Descriptor& socket) {
  std::array<char, 65536> buffer;  // Not initialised: only what was received is read.
  while (true) {
    const ssize_t n = ::recv(socket.get(), buffer.data(), buffer.size(), 0);
    if (n < 0 && errno == EINTR) continue;
    return {buffer.data(), n > 0 ? static_cast<std::size_t>(n) : 0};
  }
}

void end_with_reset(const Descriptor& socket) {
  const linger at_once{1, 0};
  ::setsockopt(socket.get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
}

}  // namespace

MessageCondition message_with(std::string types, std::string text, int nth) {
  return [types = std::move(types), text = std::move(text),
          left = nth](const ClientMessage& message) mutable {
    return types.find(message.type) != std::string::npos &&
           message.body.find(text) != std::string_view::npos && --left == 0;
  };
}

// What is asked of the proxy, and what happened: for all of its threads.
class CuttingProxy::Shared {
 public:
  // Empty: a stall.
  void add(MessageCondition condition, std::optional<Cut> cut) {
    const std::lock_guard lock(mutex_);
    rules_.push_back({std::move(condition), cut});
  }
  void forget() {
    const std::lock_guard lock(mutex_);
    rules_.clear();
  }
  // Whether something is to be done about the message, and what.
  std::optional<std::optional<Cut>> take_rule_for(const ClientMessage& message) {
    const std::lock_guard lock(mutex_);
    const auto found = std::find_if(rules_.begin(), rules_.end(),
                                    [&](Rule& rule) { return rule.condition(message); });
    if (found == rules_.end()) return std::nullopt;
    const std::optional<Cut> cut = found->cut;
    rules_.erase(found);
    return cut;
  }
  // Does it and counts it in one, so that whoever sees either sees both.
  template <typename Action>
  void make_happen(Action&& action) {
    {
      const std::lock_guard lock(mutex_);
      action();
      ++happened_;
    }
    changed_.notify_all();
  }
  std::size_t happened() {
    const std::lock_guard lock(mutex_);
    return happened_;
  }
  void wait_until_happened(std::size_t count) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return happened_ >= count; });
  }
  void refuse_connections(bool refuse) {
    const std::lock_guard lock(mutex_);
    refuse_ = refuse;
  }
  // Counts a new connection; whether it is welcome.
  bool admit() {
    const std::lock_guard lock(mutex_);
    ++accepted_;
    return !refuse_;
  }
  std::size_t accepted() {
    const std::lock_guard lock(mutex_);
    return accepted_;
  }

 private:
  struct Rule {
    MessageCondition condition;
    std::optional<Cut> cut;
  };

  std::mutex mutex_;
  std::condition_variable changed_;
  std::list<Rule> rules_;
  std::size_t happened_ = 0;
  std::size_t accepted_ = 0;
  bool refuse_ = false;
};

// One client's connection, and the thread that serves it.
class CuttingProxy::Link {
 public:
  Link(Shared& shared, Descriptor client, Descriptor server)
      : shared_(shared),
        client_(std::move(client)),
        server_(std::move(server)),
        thread_([this] { serve(); }) {}

  // From another thread: the serving thread takes it for both sides' end.
  void cut(bool reset) {
    const std::lock_guard lock(closing_);
    if (client_.get() < 0) return;
    if (reset) {
      end_with_reset(client_);
    } else {
      ::shutdown(client_.get(), SHUT_RDWR);
    }
    ::shutdown(server_.get(), SHUT_RDWR);
  }
  bool is_over() {
    const std::lock_guard lock(closing_);
    return client_.get() < 0;
  }

 private:
  enum class Answers : std::uint8_t { pass, drop, drop_until_ready, pass_some };

  void serve() {
    while (true) {
      std::array<pollfd, 2> sides = {{{client_.get(), POLLIN, 0}, {server_.get(), POLLIN, 0}}};
      if (::poll(sides.data(), sides.size(), -1) < 0 && errno != EINTR) break;
      if (sides[0].revents != 0 && !take_requests()) break;
      if (sides[1].revents != 0 && !take_answers()) break;
    }
    if (cutting_) {
      shared_.make_happen([this] { close(); });
    } else {
      close();
    }
  }

  void close() {
    const std::lock_guard lock(closing_);
    client_.reset();
    server_.reset();
  }

  // These say whether the connection goes on.
  bool take_requests() {
    const std::string bytes = receive_some(client_);
    if (bytes.empty()) return false;
    requests_.add(bytes);
    while (const std::optional<std::string> framed = requests_.next()) {
      const ClientMessage message = ClientStream::message(*framed, requests_.at_start());
      if (asks_for_encryption(message)) {
        if (!send_all(client_, "N")) return false;
        continue;
      }
      requests_.started();
      if (!forward(*framed, message)) return false;
    }
    return true;
  }

  bool forward(std::string_view framed, const ClientMessage& message) {
    const std::optional<std::optional<Cut>> rule = shared_.take_rule_for(message);
    if (!rule) return send_all(server_, framed);
    if (!*rule) {
      answers_ = Answers::drop;
      bool sent = false;
      shared_.make_happen([&] { sent = send_all(server_, framed); });
      return sent;
    }
    return cut_at(framed, **rule);
  }

  bool cut_at(std::string_view framed, const Cut& cut) {
    cutting_ = true;
    if (cut.reset) end_with_reset(client_);
    if (cut.moment == Cut::Moment::before_forwarding) return false;
    const bool sent = send_all(server_, framed);
    if (cut.moment == Cut::Moment::after_forwarding) return false;
    answers_ =
        cut.moment == Cut::Moment::in_answer ? Answers::pass_some : Answers::drop_until_ready;
    passing_ = cut.answer_bytes;
    return sent;
  }

  bool take_answers() {
    const std::string bytes = receive_some(server_);
    if (bytes.empty()) return false;
    const bool ready = replies_.add(bytes) > 0;
    switch (answers_) {
      case Answers::pass:
        return send_all(client_, bytes);
      case Answers::drop:
        return true;
      case Answers::drop_until_ready:
        return !ready;
      case Answers::pass_some:
        break;
    }
    const std::size_t size = std::min(passing_, bytes.size());
    passing_ -= size;
    return send_all(client_, std::string_view(bytes).substr(0, size)) && passing_ > 0;
  }

  Shared& shared_;
  std::mutex closing_;  // The serving thread reads its descriptors without it.
  Descriptor client_;
  Descriptor server_;
  ClientStream requests_;
  ServerStream replies_;
  Answers answers_ = Answers::pass;
  std::size_t passing_ = 0;
  bool cutting_ = false;
  std::jthread thread_;  // Last: it uses the others.
};

struct CuttingProxy::Impl {
  Impl(std::string url, Target where)
      : server_url(std::move(url)), target(std::move(where)), listener(bound_loopback_socket()) {}

  const std::string server_url;
  const Target target;
  Descriptor listener;
  Shared shared;
  std::mutex links_mutex;
  std::list<Link> links;
  std::jthread acceptor;
};

CuttingProxy::CuttingProxy(const std::string& server_url)
    : impl_(std::make_unique<Impl>(server_url, target_of(server_url))) {
  if (::listen(impl_->listener.get(), 128) != 0) throw std::runtime_error("listen failed");
  impl_->acceptor = std::jthread([this] { accept_all(); });
}

CuttingProxy::~CuttingProxy() {
  ::shutdown(impl_->listener.get(), SHUT_RDWR);
  impl_->acceptor.join();
  cut_all();
}

void CuttingProxy::accept_all() {
  while (true) {
    Descriptor client(::accept4(impl_->listener.get(), nullptr, nullptr, SOCK_CLOEXEC));
    if (client.get() < 0 && (errno == EINTR || errno == ECONNABORTED)) continue;
    if (client.get() < 0) return;
    if (!impl_->shared.admit()) continue;
    Descriptor server = connect_to(impl_->target);
    if (server.get() < 0) continue;
    const std::lock_guard lock(impl_->links_mutex);
    impl_->links.remove_if([](Link& link) { return link.is_over(); });
    impl_->links.emplace_back(impl_->shared, std::move(client), std::move(server));
  }
}

std::string CuttingProxy::url() const {
  const std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)> parameters(
      PQconninfoParse(impl_->server_url.c_str(), nullptr), &PQconninfoFree);
  std::string url =
      with_url_options("postgresql://", {{"host", "127.0.0.1"}, {"port", std::to_string(port())}});
  for (const PQconninfoOption* one = parameters.get(); one->keyword != nullptr; ++one) {
    const std::string_view keyword = one->keyword;
    const bool replaced =
        keyword == "host" || keyword == "hostaddr" || keyword == "port" || keyword == "sslmode";
    if (one->val != nullptr && !replaced) url = with_url_options(url, {{keyword, one->val}});
  }
  return url;
}

int CuttingProxy::port() const { return port_of(impl_->listener); }

void CuttingProxy::cut_when(MessageCondition condition, Cut cut) {
  impl_->shared.add(std::move(condition), cut);
}

void CuttingProxy::stall_when(MessageCondition condition) {
  impl_->shared.add(std::move(condition), std::nullopt);
}

void CuttingProxy::forget() { impl_->shared.forget(); }

void CuttingProxy::cut_all(bool reset) {
  const std::lock_guard lock(impl_->links_mutex);
  for (Link& link : impl_->links) link.cut(reset);
}

void CuttingProxy::refuse_connections(bool refuse) { impl_->shared.refuse_connections(refuse); }

std::size_t CuttingProxy::happened() const { return impl_->shared.happened(); }

void CuttingProxy::wait_until_happened(std::size_t count) const {
  impl_->shared.wait_until_happened(count);
}

std::size_t CuttingProxy::accepted() const { return impl_->shared.accepted(); }

}  // namespace holdfast::testing
