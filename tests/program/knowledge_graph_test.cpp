// The knowledge graph of the MCP reference memory server.
#include "program_runner.hpp"

namespace holdfast::test {
namespace {

using nlohmann::json;

class KnowledgeGraph : public ProgramTest {
 protected:
  // As the reference server writes it.
  const std::string graph_ =
      R"({"type":"entity","name":"Ada","entityType":"person","observations":["likes %, / and ü"]})"
      "\n"
      R"({"type":"entity","name":"","entityType":"","observations":[]})"
      "\n"
      R"({"type":"relation","from":"Ada","to":"a/b%","relationType":"works at"})"
      "\n"
      R"({"type":"relation","from":"Ada/a","to":"b%","relationType":"works at"})"
      "\n";

  [[nodiscard]] std::vector<std::string> import(const std::string& file) const {
    return {"import", file, "--format", "mcp-memory", "--into", "agents/1"};
  }
};

TEST_F(KnowledgeGraph, EntitiesAndRelationsHaveTheirPlaces) {
  EXPECT_EQ(done(import("-"), graph_), "4 entries imported\n");
  EXPECT_EQ(json::parse(done({"get", "agents/1/entities", "Ada", "--json"})),
            (json{{"name", "Ada"},
                  {"entityType", "person"},
                  {"observations", {"likes %, / and ü"}}}));
  EXPECT_EQ(json::parse(done({"get", "agents/1/relations", "Ada/works at/a%2Fb%25", "--json"})),
            (json{{"from", "Ada"}, {"to", "a/b%"}, {"relationType", "works at"}}));
  EXPECT_EQ(done({"count", "agents/1/entities"}), "2\n");
  EXPECT_EQ(done({"count", "agents/1/relations"}), "2\n");
}

TEST_F(KnowledgeGraph, ItIsGivenBackAsItCame) {
  done(import("-"), graph_);
  EXPECT_EQ(done({"export", "agents/1", "--format", "mcp-memory"}), graph_);
}

TEST_F(KnowledgeGraph, TakenInTwiceWithSkipItIsTheSame) {
  done(import("-"), graph_);
  const std::string before = done({"export"});
  std::vector<std::string> again = import("-");
  again.insert(again.end(), {"--on-conflict", "skip"});
  EXPECT_EQ(done(again, graph_), "0 entries imported, 4 skipped\n");
  EXPECT_EQ(done({"export"}), before);
}

TEST_F(KnowledgeGraph, WrongLinesAreNamedAndNothingIsWritten) {
  const auto check = [&](const std::string& line, const std::string& expected) {
    const std::string file = write_file("memory.jsonl", graph_ + line + "\n");
    const std::string why = refused(2, import(file));
    EXPECT_NE(why.find("line 5: "), std::string::npos) << why;
    EXPECT_NE(why.find(expected), std::string::npos) << why;
    EXPECT_FALSE(std::filesystem::exists(path("m.db")));
  };
  check("nonsense", "JSON");
  check("[]", "JSON");
  check(R"({"name":"x"})", "\"type\" is missing");
  check(R"({"type":"thing"})", "it must be \"entity\" or \"relation\"");
  check(R"({"type":"entity","name":"x","observations":[]})", "\"entityType\" is missing");
  check(R"({"type":"entity","name":7,"entityType":"t","observations":[]})",
        "\"name\" must be a string");
  check(R"({"type":"entity","name":"x","entityType":"t","observations":"o"})", "a list of strings");
  check(R"({"type":"entity","name":"x","entityType":"t","observations":[1]})", "a list of strings");
  check(R"({"type":"entity","name":"x","entityType":"t","observations":[],"id":1})",
        "unknown member \"id\"");
  check(R"({"type":"relation","from":"x","to":"y"})", "\"relationType\" is missing");
  check(R"({"type":"entity","name":"a\u0000b","entityType":"t","observations":[]})", "key");
  check(R"({"type":"entity","name":")" + std::string(1025, 'x') +
            R"(","entityType":"t","observations":[]})",
        "1024");
}

TEST_F(KnowledgeGraph, IntoBelongsToThisFormatAlone) {
  const std::string file = write_file("memory.jsonl", graph_);
  EXPECT_NE(refused(2, {"import", file, "--format", "mcp-memory"}).find("--into"),
            std::string::npos);
  EXPECT_NE(refused(2, {"import", file, "--into", "n"}).find("--into"), std::string::npos);
}

}  // namespace
}  // namespace holdfast::test
