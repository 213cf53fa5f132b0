#include "holdfast/conformance/random_inputs.hpp"

#include <algorithm>
#include <limits>

#include "expectations.hpp"

namespace holdfast::conformance {

InputPool InputPool::usual() {
  return {{"", "a", "a/b", "a!", "users/42", "users/421", "users/42/c"},
          {"", "k", "k1", "k2", "kk", "a::b", "K", "\xc3\xa9", "%", "*x", "z"},
          {"", "", "", "k*", "?", "*1", "k?", "\\*x", "*k*", "%"},
          random_value};
}

void RandomOp::add_to(WriteBatch& batch, const Precondition& precondition) const {
  const Namespace ns(place.first);
  const std::string& key = place.second;
  switch (kind) {
    case WriteOp::Kind::set:
      batch.set(ns, key, value, {precondition, ttl, keep_ttl, return_previous}, on_unmet);
      return;
    case WriteOp::Kind::erase:
      batch.erase(ns, key, {precondition, return_previous}, on_unmet);
      return;
    case WriteOp::Kind::increment:
      batch.increment(ns, key, delta);
      return;
    case WriteOp::Kind::touch:
      batch.touch(ns, key, ttl);
      return;
    case WriteOp::Kind::check:
      batch.check(ns, key, precondition);
  }
}

std::string RandomOp::text() const {
  const auto name = [this] {
    switch (kind) {
      case WriteOp::Kind::set:
        return "set ";
      case WriteOp::Kind::erase:
        return "erase ";
      case WriteOp::Kind::increment:
        return "increment ";
      case WriteOp::Kind::touch:
        return "touch ";
      case WriteOp::Kind::check:
        break;
    }
    return "check ";
  };
  return name() + place.first + ":" + place.second;
}

RandomInputs::RandomInputs(std::uint64_t seed, InputPool pool)
    : random_(seed), pool_(std::move(pool)) {}

Namespace RandomInputs::ns() { return one_of(pool_.namespaces); }

std::string RandomInputs::key() { return one_of(pool_.keys); }

RandomInputs::Place RandomInputs::place() {
  const Namespace in = ns();
  return {std::string(in.text()), key()};
}

Scope RandomInputs::scope() {
  Scope scope{ns(), chance(2)};
  if (chance(8)) scope.ns = "users";
  return scope;
}

std::optional<Ttl> RandomInputs::ttl() {
  if (!chance(3)) return std::nullopt;
  return Ttl(std::chrono::milliseconds(1 + draw(30)));
}

std::int64_t RandomInputs::delta() {
  if (chance(10)) return std::numeric_limits<std::int64_t>::max();
  return static_cast<std::int64_t>(draw(9)) - 4;
}

DrawnPrecondition RandomInputs::precondition() {
  constexpr std::array drawn{DrawnPrecondition::if_absent, DrawnPrecondition::if_present,
                             DrawnPrecondition::if_current, DrawnPrecondition::if_never};
  const std::size_t index = draw(2 * drawn.size());
  return index < drawn.size() ? drawn[index] : DrawnPrecondition::none;
}

RandomOp RandomInputs::op(bool single) {
  RandomOp op;
  op.place = place();
  op.drawn = precondition();
  if (!single && chance(3)) op.on_unmet = OnUnmet::skip;
  const std::size_t kind = draw(single ? 10 : 14);
  if (kind < 7) {
    op.kind = WriteOp::Kind::set;
    op.ttl = ttl();
    op.return_previous = chance(4);
    op.keep_ttl = !op.ttl && chance(4);
    op.value = value();
  } else if (kind < 10) {
    op.kind = WriteOp::Kind::erase;
    op.return_previous = chance(3);
  } else if (kind < 12) {
    op.kind = WriteOp::Kind::increment;
    op.delta = static_cast<std::int64_t>(draw(5)) - 2;
  } else if (kind == 12) {
    op.kind = WriteOp::Kind::touch;
    op.ttl = ttl();
  }
  return op;
}

std::vector<Address> RandomInputs::addresses() {
  std::vector<Address> addresses;
  for (std::size_t i = draw(8); i > 0; --i) {
    Place at = place();
    addresses.emplace_back(Namespace(at.first), std::move(at.second));
  }
  return addresses;
}

MemoryQuery RandomInputs::query(Timestamp now, RandomFilter& filter) {
  const Scope in = scope();
  const auto order = static_cast<OrderBy>(draw(3));
  const auto direction = static_cast<Direction>(draw(2));
  MemoryQuery query = query_of(in, order, direction, 1 + draw(12));
  if (chance(4)) query.key_prefix = chance(2) ? "k" : key();
  if (chance(3)) query.key_pattern = one_of(pool_.patterns);
  if (chance(3)) filter = RandomFilter::draw(random_);
  query.filter = filter.filter();
  const auto some_time = [&] { return now - std::chrono::milliseconds(draw(200)); };
  if (chance(8)) query.created.from = some_time();
  if (chance(8)) query.created.until = some_time();
  if (chance(8)) query.updated.from = some_time();
  if (chance(8)) query.updated.until = some_time();
  return query;
}

NamespaceQuery RandomInputs::namespace_query() {
  NamespaceQuery query;
  query.limit = 1 + draw(4);
  const std::size_t depth = draw(4);
  if (depth > 0) query.max_depth = depth;
  return query;
}

std::vector<Entry> RandomInputs::entries_to_restore(Timestamp now) {
  std::vector<Entry> entries;
  for (std::size_t i = 1 + draw(3); i > 0; --i) {
    const Place at = place();
    Entry entry;
    entry.ns = Namespace(at.first);
    entry.key = at.second;
    const auto is_same = [&](const Entry& other) {
      return other.ns == entry.ns && other.key == entry.key;
    };
    if (std::ranges::any_of(entries, is_same)) continue;
    entry.value = value();
    entry.created_revision = 1;
    entry.revision = 1 + static_cast<Revision>(draw(5));
    entry.created_at = now - std::chrono::milliseconds(draw(100));
    entry.updated_at = now;
    if (chance(3)) entry.expires_at = now + std::chrono::milliseconds(draw(10));
    entries.push_back(std::move(entry));
  }
  return entries;
}

}  // namespace holdfast::conformance
