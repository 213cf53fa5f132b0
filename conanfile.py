from conan import ConanFile
from conan.tools.cmake import CMake, CMakeDeps, CMakeToolchain, cmake_layout


class Holdfast(ConanFile):
    name = "holdfast"
    version = "0.1.0"
    description = "The memory of RAG pipelines and LLM agents"
    license = "Apache-2.0"
    package_type = "library"
    settings = "os", "compiler", "build_type", "arch"
    exports_sources = ("CMakeLists.txt", "cmake/*", "include/*", "src/*", "memory/*", "tools/*",
                       "tests/conformance/*", "docs/*", "LICENSE", "README.md", "CHANGELOG.md")

    # What each part of Holdfast needs; `core` is always there, each other part is an option.
    part_requirements = {
        "core": ["nlohmann_json/3.11.3", "spdlog/1.14.1", "xxhash/0.8.2"],
        "sqlite": ["sqlitecpp/3.3.2", "sqlite3/3.46.1"],
        "postgresql": ["libpqxx/7.10.5", "libpq/17.7"],
        "program": ["cli11/2.4.2", "zlib/1.3.1", "zstd/1.5.6"],
        "search": ["icu/74.2", "libstemmer/2.2.0"],
        "conformance": ["gtest/1.15.0"],
        "bench": ["benchmark/1.9.0"],
        "speed": ["abseil/20240116.2", "hiredis/1.2.0"],
    }
    options = {
        "shared": [True, False],
        "in_memory": [True, False],
        "sqlite": [True, False],
        "postgresql": [True, False],
        "search": [True, False],
        "program": [True, False],
        "conformance": [True, False],
        "bench": [True, False],
        "speed": [True, False],
    }
    default_options = {
        "shared": False,
        "in_memory": True,
        "sqlite": True,
        "postgresql": True,
        "search": True,
        "program": True,
        "conformance": False,
        "bench": False,
        "speed": False,
    }

    def _has(self, part):
        return part == "core" or bool(self.options.get_safe(part))

    def requirements(self):
        for part, references in self.part_requirements.items():
            if self._has(part):
                for reference in references:
                    self.requires(reference)

    def layout(self):
        cmake_layout(self)

    def generate(self):
        CMakeDeps(self).generate()
        toolchain = CMakeToolchain(self)
        toolchain.cache_variables.update({
            "HOLDFAST_IN_MEMORY": self._has("in_memory"),
            "HOLDFAST_SQLITE": self._has("sqlite"),
            "HOLDFAST_POSTGRESQL": self._has("postgresql"),
            "HOLDFAST_SEARCH": self._has("search"),
            "HOLDFAST_TOOLS": self._has("program"),
            "HOLDFAST_CONFORMANCE": self._has("conformance"),
            "HOLDFAST_BENCH": self._has("bench"),
            "HOLDFAST_SPEED": self._has("speed"),
            "HOLDFAST_EXAMPLES": False,
            "HOLDFAST_TESTS": False,
        })
        toolchain.generate()

    def build(self):
        cmake = CMake(self)
        cmake.configure()
        cmake.build()

    def package(self):
        CMake(self).install()

    def package_info(self):
        # The installed package describes itself; what CMakeDeps would generate hides it.
        self.cpp_info.set_property("cmake_find_mode", "none")
        self.cpp_info.builddirs = ["lib/cmake/holdfast"]
