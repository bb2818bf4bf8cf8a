#!/usr/bin/env python3
"""Checks the #include lines of the layers against who may include whom.

usage: layering.py [source directory]
Prints `file:line: error: ...` for each line that breaks a rule; exits 1 when there is one.
"""
import re
import sys
from pathlib import Path

# Folder: which of our headers its files may include. The first folder that fits counts.
CORE = ("ebm/core/", "ebm/random/")
LAYERS = {
    "ebm/core/": CORE,
    "ebm/random/": CORE,
    "ebm/": ("ebm/",),
    "models/": ("ebm/", "models/"),
    "samplers/": ("ebm/", "samplers/"),
    "experiments/": ("ebm/", "experiments/", "models/register.hpp", "samplers/register.hpp"),
}

# (library, its headers, the files that may include them). A library that is not here is not used.
EXPERIMENTS = r"experiments/.*"
LIBRARIES = [
    ("xtensor", r"(xtensor|xtl)/.*", r"ebm/core/tensor\.hpp"),
    ("BLAS", r"(xtensor-blas|xflens)/.*|(.*/)?(cblas|lapacke?|openblas)\w*\.h", r"ebm/core/linalg\.[hc]pp"),
    ("TBB or OpenMP", r"(oneapi/)?tbb/.*|omp\.h", r"ebm/core/parallel\.[hc]pp|" + EXPERIMENTS),
    ("the thread sanitizer", r"sanitizer/.*", r"ebm/core/parallel\.cpp"),
    ("SIMD", r"xsimd/.*|.*intrin\.h", r"ebm/(core|random)/.*"),
    ("NLopt", r"nlopt\.(h|hpp)", r"ebm/learning/softmax_regression\.cpp"),
    ("Boost.Math", r"boost/math/.*", r".*\.cpp"),
    ("yaml-cpp", r"yaml-cpp/.*", EXPERIMENTS),
    ("CLI11", r"CLI/.*", EXPERIMENTS),
    ("fmt", r"fmt/.*", EXPERIMENTS),
    ("nlohmann-json", r"nlohmann/.*", EXPERIMENTS),
    ("zlib", r"zlib\.h|zconf\.h", EXPERIMENTS),
    ("libzip", r"zip\.h|zipconf\.h", EXPERIMENTS),
    ("xxHash", r"xxh\w+\.h", EXPERIMENTS),
    ("libpng", r"png(conf|libconf)?\.h", EXPERIMENTS),
]

# The standard library, the compiler's own headers and POSIX; tried after LIBRARIES.
SYSTEM = r"\w+(\.h)?|sys/\w+\.h"
INCLUDE = re.compile(r'\s*#\s*include\s*(<([^>]+)>|"([^"]+)")')
OURS = ("ebm/", "models/", "samplers/", "experiments/")


def error(file, quoted, header):
    """What is wrong with `file` (path from the root) including `header`; None when nothing is."""
    if ".." in header.split("/"):
        return f"'{header}': write includes from the root, without '..'"
    if header.startswith(OURS):
        if not quoted:
            return f"<{header}>: our own headers stand in quotes"
        layer = next(folder for folder in LAYERS if file.startswith(folder))
        allowed = LAYERS[layer]
        # An entry is a folder, ending in '/', or one header.
        if any(header == entry or entry.endswith("/") and header.startswith(entry) for entry in allowed):
            return None
        return f"{layer} must not include \"{header}\"; of ours it may include {', '.join(allowed)}"
    if quoted:
        return f"\"{header}\": ours is written from the root ({', '.join(OURS)}), libraries in <>"
    for library, headers, users in LIBRARIES:
        if re.fullmatch(headers, header):
            return None if re.fullmatch(users, file) else f"<{header}>: {library} is only for {users}"
    if re.fullmatch(SYSTEM, header):
        return None
    return f"<{header}>: not a library this project uses"


def main(root):
    files = sorted(path for folder in OURS for suffix in ("hpp", "cpp") for path in (root / folder).rglob(f"*.{suffix}"))
    errors = 0
    for path in files:
        file = path.relative_to(root).as_posix()
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            match = INCLUDE.match(line)
            message = match and error(file, match[3] is not None, match[2] or match[3])
            if message:
                print(f"{file}:{number}: error: {message}")
                errors += 1
    print(f"{len(files)} files, {errors} errors")
    return 1 if errors or not files else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1] if len(sys.argv) > 1 else ".")))
