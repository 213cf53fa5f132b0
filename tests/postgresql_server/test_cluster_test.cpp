#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <string>
#include <thread>

namespace holdfast::testing {
namespace {

// Runs lines of the shell as a process of its own, in which `cluster start|stop` is the program
// with a link of this test's own, and `answers` succeeds while a server does at that link.
class TestCluster : public ::testing::Test {
 protected:
  [[nodiscard]] bool succeeds(const std::string& lines) const {
    const std::string script =
        "unset HOLDFAST_TEST_POSTGRES_URL\n"
        "link=" +
        link_.string() +
        "\n"
        "cluster() { " TEST_CLUSTER_PROGRAM
        " \"$1\" $link; }\n"
        "answers() { test -S $link/.s.PGSQL.5432; }\n" +
        lines;
    return std::system(script.c_str()) == 0;
  }
  [[nodiscard]] bool link_is_there() const {
    return std::filesystem::exists(std::filesystem::symlink_status(link_));
  }

  std::filesystem::path link_ = "/tmp/holdfast-pg-test-" + std::to_string(::getpid());
};

TEST_F(TestCluster, IsThereFromStartToStop) {
  EXPECT_TRUE(succeeds("cluster start && answers && cluster stop && ! answers"));
  EXPECT_FALSE(link_is_there());
  EXPECT_TRUE(succeeds("cluster stop"));
}

TEST_F(TestCluster, StaysForTheLastOfThoseThatStartedIt) {
  EXPECT_TRUE(
      succeeds("cluster start && before=$(readlink $link)\n"
               "sh -c '$0 start $1 && $0 stop $1' " TEST_CLUSTER_PROGRAM " $link || exit\n"
               "answers && test \"$before\" = \"$(readlink $link)\" && cluster stop && ! answers"));
  EXPECT_FALSE(link_is_there());
}

TEST_F(TestCluster, GoesWithTheProcessThatStartedIt) {
  EXPECT_FALSE(succeeds("cluster start && answers && kill -9 $$"));
  while (link_is_there()) std::this_thread::yield();
}

TEST_F(TestCluster, StartsAnewOverWhatAKilledKeeperLeft) {
  EXPECT_TRUE(
      succeeds("cluster start && before=$(readlink $link) && kill -9 $(cat $link/keeper)\n"
               "cluster stop && test -e $before/data || exit\n"
               "cluster start && ! test -e $before && answers && cluster stop"));
  EXPECT_FALSE(link_is_there());
}

}  // namespace
}  // namespace holdfast::testing
