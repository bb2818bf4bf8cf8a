#!/usr/bin/env bash
# Checks that clang-format would change nothing; with --fix lets it change the files.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

arguments=(--dry-run -Werror)
[[ ${1-} != --fix ]] || arguments=(-i)

# Releases format differently; .clang-format is written for Debian 12's version 14.
tool=$(command -v clang-format-14 || command -v clang-format) ||
  { echo "clang-format is missing: run scripts/install-dependencies" >&2; exit 1; }

# Files not yet added count too, so that the check speaks before the commit; without git, every source file.
if git rev-parse --is-inside-work-tree >/dev/null 2>&1; then
  mapfile -t files < <(git ls-files --cached --others --exclude-standard -- '*.hpp' '*.cpp')
else
  mapfile -t files < <(find . \( -path ./build -o -path ./runs \) -prune -o \( -name '*.hpp' -o -name '*.cpp' \) -print)
fi
existing=()  # git also lists a tracked file that was just deleted
for file in "${files[@]}"; do
  [[ ! -f $file ]] || existing+=("$file")
done
[[ ${#existing[@]} -gt 0 ]] || { echo "no C++ files found" >&2; exit 1; }

printf '%s\0' "${existing[@]}" | xargs -0 -n 8 -P "$(nproc)" "$tool" "${arguments[@]}"
echo "${#existing[@]} files"
