// No password in anything that the program says, wherever a URL was put (contract, clause 11.2).
#include <gtest/gtest.h>

#include "../../program/program_runner.hpp"
#include "../support/tries.hpp"

namespace holdfast::test {
namespace {

class ProgramSecrets : public ProgramTest {
 protected:
  // Nobody listens at port 1.
  static std::vector<std::string> urls() {
    return {"postgresql://ada:Zebra7Okapi@127.0.0.1:1/d?retry_for=0ms",
            "postgres://ada:Zebra7Okapi@127.0.0.1:1/d?retry_for=0ms",
            "postgresql://ada@127.0.0.1:1/d?password=Zebra7Okapi&retry_for=0ms",
            "postgresql://ada:Zebra7Okapi@127.0.0.1:1/d?pool_size=none",
            "postgresql://ada:Zebra7Okapi@127.0.0.1:1/d?nonsense=1",
            "postgresql://ada:Zebra7Okapi%zz@127.0.0.1:1/d",
            "postgresql://ada:x/Zebra7Okapi@127.0.0.1:1/d",
            "postgresql://ada:x?Zebra7Okapi@127.0.0.1:1/d",
            "postgresql://ada:x@Zebra7Okapi@127.0.0.1:1/d",
            "postgresql:host=127.0.0.1 port=1 password=Zebra7Okapi",
            "postgresql:ada:Zebra7Okapi",
            "redis://ada:Zebra7Okapi@127.0.0.1:1/d",
            "POSTGRESQL://ada:Zebra7Okapi@127.0.0.1:1/d",
            "memory:?max_entries=Zebra7Okapi",
            "sqlite:"
            "/nonexistent/m.db?readers=Zebra7Okapi"};
  }
  void expect_silence(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), HOLDFAST_PROGRAM);
    expect_silence(run_process(arguments), arguments);
    ++tries_;
  }
  static void expect_silence(const RunResult& result, const std::vector<std::string>& arguments) {
    std::string line;
    for (const std::string& argument : arguments) line += argument + " ";
    EXPECT_NE(result.exit_code, 0) << line;
    for (const char* secret : {"Zebra7Okapi", "Zebra", "Okapi"}) {
      EXPECT_EQ((result.out + result.err).find(secret), std::string::npos)
          << line << "\n"
          << result.out << result.err;
    }
  }

  std::size_t tries_ = 0;
};

TEST_F(ProgramSecrets, StandInNoMessageOfACommandOnAStore) {
  write_file("entries.jsonl", R"({"namespace":"n","key":"k","value":1})");
  const auto on_store = [&](const std::string& url, std::vector<std::string> command) {
    command.insert(command.begin(), {"--store", url});
    expect_silence(command);
  };
  for (const std::string& url : urls()) {
    on_store(url, {"set", "n", "k", "1"});
    on_store(url, {"list"});
    const RunResult named = run_process({HOLDFAST_PROGRAM, "list"}, {}, {"HOLDFAST_STORE=" + url});
    expect_silence(named, {"HOLDFAST_STORE=" + url});
    ++tries_;
  }
  const std::string url = urls().front();
  on_store(url, {"get", "n", "k"});
  on_store(url, {"stats"});
  on_store(url, {"health"});
  on_store(url, {"export", "--output", path("all.jsonl")});
  on_store(url, {"import", "--format", "plain", path("entries.jsonl")});
  on_store(url, {"digest"});
  fault_tests::count_tries("no password in a message", tries_);
}

TEST_F(ProgramSecrets, StandInNoMessageOfACommandOnTwoStores) {
  done({"set", "n", "k", "1"});
  for (const std::string& url : urls()) {
    for (const char* command : {"diff", "migrate"}) {
      expect_silence({command, url, store_});
      expect_silence({command, store_, url});
    }
  }
  fault_tests::count_tries("no password in a message", tries_);
}

// As people do in a hurry: without --store, behind the command, as the value of something else.
TEST_F(ProgramSecrets, StandInNoMessageAboutUsage) {
  for (const std::string& url : urls()) {
    expect_silence({url, "list"});
    expect_silence({"list", "n", url});
    expect_silence({"get", "n", "k", url});
    expect_silence({"--store=" + url, "list", "--no-such-option"});
    expect_silence({"--store" + url, "list"});
    expect_silence({"export", "--format", url});
    expect_silence({"chat", url});
  }
  fault_tests::count_tries("no password in a message", tries_);
}

}  // namespace
}  // namespace holdfast::test
