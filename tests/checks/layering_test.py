#!/usr/bin/env python3
"""layering.py must report every line below marked BAD, by file and line, and no other."""
import re
import subprocess
import sys
import tempfile
from pathlib import Path

# The sources are written here, not kept as files: the test build takes every .cpp below tests/.
TREE = {
    "ebm/core/tensor.hpp": """
        #include <vector>
        #include <xtensor/xtensor.hpp>
        #include <xtl/xhash.hpp>
        #include "ebm/random/philox.hpp"
        #include "ebm/concepts/energy.hpp"      // BAD
        #include "tensor.hpp"                   // BAD
        #include <ebm/core/error.hpp>           // BAD
        #include <cblas.h>                      // BAD
        #include <boost/math/special_functions/gamma.hpp>  // BAD
        """,
    "ebm/core/linalg.cpp": """
        #include <cblas.h>
        #include <openblas_config.h>
        #include <xsimd/xsimd.hpp>
        #include <boost/math/special_functions/gamma.hpp>
        #include <xtensor/xtensor.hpp>          // BAD
        #  include <omp.h>                      // BAD
        """,
    "ebm/core/parallel.hpp": """
        #include <omp.h>
        #include <tbb/parallel_for.h>
        """,
    "ebm/random/philox.hpp": """
        #include <immintrin.h>
        #include "ebm/core/error.hpp"
        #include "ebm/likelihood/ais.hpp"       // BAD
        """,
    "ebm/likelihood/ais.hpp": """
        #include "ebm/learning/trainer.hpp"
        // #include "models/register.hpp"
        #include "models/register.hpp"          // BAD
        #include "samplers/gibbs.hpp"           // BAD
        #include "experiments/plan.hpp"         // BAD
        #include <xsimd/xsimd.hpp>              // BAD
        #include <fmt/format.h>                 // BAD
        #include <boost/test/unit_test.hpp>     // BAD
        """,
    "models/boltzmann/machine.cpp": """
        #include "ebm/core/tensor.hpp"
        #include "models/boltzmann/machine.hpp"
        #include "samplers/register.hpp"        // BAD
        #include "ebm/../samplers/gibbs.hpp"    // BAD
        #include <oneapi/tbb/parallel_for.h>    // BAD
        #include <nlohmann/json.hpp>            // BAD
        """,
    "samplers/gibbs.hpp": """
        #include "ebm/concepts/sampler.hpp"
        #include "samplers/scan.hpp"
        #include "models/boltzmann/machine.hpp" // BAD
        #include <CLI/CLI.hpp>              // BAD
        #include <png.h>                        // BAD
        """,
    "experiments/program/main.cpp": """
        #include <CLI/CLI.hpp>
        #include <fmt/format.h>
        #include <nlohmann/json.hpp>
        #include <CLI/CLI.hpp>
        #include <png.h>
        #include <sys/file.h>
        #include <tbb/task_arena.h>
        #include <unistd.h>
        #include <xxhash.h>
        #include <yaml-cpp/yaml.h>
        #include <zip.h>
        #include <zlib.h>
        #include "experiments/plan.hpp"
        #include "models/register.hpp"
        #include "samplers/register.hpp"
        #include "models/boltzmann/machine.hpp" // BAD
        #include "samplers/gibbs.hpp"           // BAD
        #include <xtensor/xtensor.hpp>          // BAD
        #include <cblas.h>                      // BAD
        """,
}

LAYERING = Path(__file__).with_name("layering.py")


def run(root):
    return subprocess.run([sys.executable, LAYERING, root], capture_output=True, text=True)


with tempfile.TemporaryDirectory() as folder:
    root = Path(folder)
    assert run(root).returncode == 1, "an empty tree must not pass"

    expected = set()
    for file, text in TREE.items():
        (root / file).parent.mkdir(parents=True, exist_ok=True)
        (root / file).write_text(text)
        expected |= {f"{file}:{number}" for number, line in enumerate(text.splitlines(), 1) if "BAD" in line}
    result = run(root)
    found = set(re.findall(r"^(\S+:\d+): error:", result.stdout, re.MULTILINE))
    assert found == expected, f"not reported: {sorted(expected - found)}, wrongly reported: {sorted(found - expected)}"
    assert result.returncode == 1, result

    for file, text in TREE.items():
        (root / file).write_text("".join(line for line in text.splitlines(True) if "BAD" not in line))
    result = run(root)
    assert result.returncode == 0, result
