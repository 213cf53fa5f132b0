#include "wire.hpp"

#include <gtest/gtest.h>

#include <cstddef>
#include <string>

namespace holdfast::testing {
namespace {

TEST(ClientStream, MessagesComeWholeHoweverTheBytesCome) {
  using std::string_literals::operator""s;
  const std::string bytes =
      "\0\0\0\x08"
      "abcd"s +
      "Q\0\0\0\x06"
      "x\0"s +
      "S\0\0\0\x04"s;
  ClientStream stream;
  std::string seen;
  for (const char c : bytes) {
    stream.add({&c, 1});
    while (const auto framed = stream.next()) {
      const ClientMessage message = ClientStream::message(*framed, stream.at_start());
      stream.started();
      seen.append(1, message.type).append(message.body).append("|");
    }
  }
  EXPECT_EQ(seen, "\0abcd|Qx\0|S|"s);
}

TEST(ServerStream, FindsTheEndsOfAnswersHoweverTheBytesCome) {
  using std::string_literals::operator""s;
  const std::string answer = "D\0\0\0\x06ZZ"s + "Z\0\0\0\x05I"s;
  for (std::size_t step = 1; step <= answer.size(); ++step) {
    ServerStream stream;
    std::size_t found = 0;
    for (std::size_t i = 0; i < answer.size(); i += step)
      found += stream.add(answer.substr(i, step));
    EXPECT_EQ(found, 1U) << step;
  }
}

TEST(ClientMessage, RequestsForEncryptionAreTold) {
  using std::string_literals::operator""s;
  EXPECT_TRUE(asks_for_encryption({'\0', "\x04\xd2\x16\x2f"}));
  EXPECT_TRUE(asks_for_encryption({'\0', "\x04\xd2\x16\x30"}));
  EXPECT_FALSE(asks_for_encryption({'\0', "\x04\xd2\x16\x2e and a key"}));
  EXPECT_FALSE(asks_for_encryption({'\0', "\0\3\0\0"s}));
}

}  // namespace
}  // namespace holdfast::testing
