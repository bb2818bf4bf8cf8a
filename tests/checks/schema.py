#!/usr/bin/env python3
"""Holds the JSON Schema of `ebm schema` against the files of this repository.

usage: schema.py SOURCE_FOLDER BUILD_FOLDER
It is a draft-07 schema; it takes every experiment of the gallery, the examples, the conformance tests and
tests/experiments/good, with PyYAML and with the words of YAML 1.2, and what `ebm init` writes; it refuses every
file of tests/experiments/bad but those of UNSEEN. Exits 1 with a line for each thing that is not so, 77 when
python3-jsonschema is not installed.
"""
import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

try:
    import jsonschema
    import yaml
except ImportError as missing:
    print(f"SKIPPED: {missing}; install python3-jsonschema and python3-yaml")
    sys.exit(77)

# Bad files whose fault no JSON Schema can see, by what hides it.
UNSEEN = {
    "the command line": "override-bracket.yaml override-exact.yaml override-no-value.yaml override-sweep-twice.yaml"
                        " override-sweep-value.yaml override-unknown.yaml override-without-effect.yaml",
    "YAML readers take it otherwise (the last of two keys, 8 for 010, a number for a tag)":
        "duplicate-keys.yaml number-octal.yaml number-tag.yaml",
    "what a data file, an array file or a folder holds":
        "csv-columns.yaml csv-image.yaml csv-ragged.yaml csv-test-columns.yaml csv-typing-slip.yaml csv-values.yaml"
        " csv-values-binomial.yaml npz-extra.yaml npz-missing.yaml npz-nan.yaml npz-no-file.yaml npz-shape.yaml"
        " output-no-folder.yaml spins-of-two-codes.yaml",
    "columns and rows of the data": "append-labels-none.yaml categorical-columns.yaml classification-classes.yaml"
                                    " classification-columns.yaml classification-no-labels.yaml"
                                    " classification-one-class.yaml classification-too-many-classes.yaml"
                                    " finetuning-sees-labels.yaml finetuning-without-labels.yaml"
                                    " negative-for-rectified.yaml one-hot-of-another-setting.yaml primary-no-column.yaml probe-sees-labels.yaml"
                                    " probe-without-labels.yaml shifts-no-image.yaml",
    "which arrays and blocks the built model has":
        "copies-of-bernoulli.yaml data-mean-of-hidden.yaml dbn-sigma.yaml decay-unknown-array.yaml edge-of-64-bits.yaml"
        " finetuning-sigma.yaml max-norm-without-weights.yaml noisy-relu-coupled.yaml q-of-bernoulli.yaml"
        " sigma-of-bernoulli.yaml sparsity-target.yaml"
        " sparsity-without-latents.yaml unknown-init-array.yaml",
    "what the built model can do": "capabilities-in-sweep.yaml centred-mixture.yaml classification-of-an-rbm.yaml"
                                   " flip-of-categorical.yaml gibbs-on-real.yaml langevin-on-discrete.yaml"
                                   " probe-without-latents.yaml recall-of-latents.yaml storing-model.yaml",
    "linear algebra": "storing-dependent.yaml",
    "states to sum, or memory": "exact-evaluation-too-large.yaml exact-too-large.yaml hopfield-memory.yaml"
                                " size-memory.yaml teacher-rows.yaml teacher-too-large.yaml",
    "a product of lengths": "grid-too-large.yaml random-patterns-large.yaml seeds-and-settings-too-many.yaml",
    "a key that asks for one next to it": "centering-of-ordinary.yaml momentum-of-a-stage.yaml momentum-switch-alone.yaml",
    "values or lengths of one part of a sweep against another's":
        "baseline-none.yaml baseline-two.yaml exclude-everything.yaml key-set-twice.yaml same-settings.yaml"
        " section-and-key-set.yaml zip-unequal.yaml",
    "the command: `ebm evaluate` takes these metrics": "metrics-for-evaluate.yaml",
}
REASON = {name: reason for reason, names in UNSEEN.items() for name in names.split()}


class Yaml12(yaml.SafeLoader):
    """Readers of YAML 1.2, as in editors, take other words for numbers than PyYAML does."""
    yaml_implicit_resolvers = {}


for tag, expression, first in [
        ("null", r"~|null|", ["~", "n", ""]),
        ("bool", r"true|false", ["t", "f"]),
        ("int", r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+", list("-+0123456789")),
        ("float", r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?|[-+]?\.inf|\.nan",
         list("-+0123456789."))]:
    Yaml12.add_implicit_resolver(f"tag:yaml.org,2002:{tag}", re.compile(f"^(?:{expression})$"), first)


def plain(value):
    """The value as JSON has it: keys are texts."""
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    return [plain(item) for item in value] if isinstance(value, list) else value


def problem(validator, text, loader=yaml.SafeLoader):
    """Why the text is refused, by YAML or by the schema; None when it is not."""
    try:
        value = plain(yaml.load(text, loader))
    except yaml.YAMLError as error:
        return f"YAML: {error}"
    error = jsonschema.exceptions.best_match(validator.iter_errors(value))
    return error and f"/{'/'.join(map(str, error.absolute_path))}: {error.message[:300]}"


def output_of(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def validator_of(program):
    schema = json.loads(output_of(program, "schema"))
    jsonschema.Draft7Validator.check_schema(schema)
    return jsonschema.Draft7Validator(schema)


def starters(program, validator):
    """What is wrong with the files that `init` writes, for every model of the program."""
    names = [line.split()[0] for line in output_of(program, "list", "models").splitlines() if line[:1] == " "]
    with tempfile.TemporaryDirectory() as folder:
        for name in names:
            file = Path(folder) / f"{name}.yaml"
            output_of(program, "init", name, str(file))
            if why := problem(validator, file.read_text()):
                yield f"{program.name} init {name}: the schema refuses it: {why}"
        schema = Path(folder) / "ebm-1.schema.json"
        if json.loads(schema.read_text()) != validator.schema:
            yield f"{program.name} init: {schema.name} is not what `schema` prints"


def failures(source, build):
    programs = {name: build / name for name in ("ebm", "example_ring", "example_learned_ring")}
    validators = {name: validator_of(path) for name, path in programs.items()}
    good = {"ebm": [*source.glob("experiments/gallery/*.yaml"), *source.glob("tests/conformance/**/*.yaml")],
            "example_ring": [source / "examples/ring.yaml"],
            "example_learned_ring": [source / "examples/learned_ring.yaml"]}
    good["ebm"] += source.glob("tests/experiments/good/*.yaml")
    for name, files in good.items():
        for file in files:
            for loader in (yaml.SafeLoader, Yaml12):
                if why := problem(validators[name], file.read_text(), loader):
                    yield f"{file}: the schema refuses it ({loader.__name__}): {why}"
        yield from starters(programs[name], validators[name])
    if not len(good["ebm"]) > 18 or {*source.glob("examples/*.yaml")} != {*good["example_ring"],
                                                                         *good["example_learned_ring"]}:
        yield "some experiment files are not looked at"
    for file in source.glob("tests/experiments/good/*.yaml"):
        subprocess.run([programs["ebm"], "check", str(file)], check=True, stdout=subprocess.DEVNULL)
    bad = sorted(source.glob("tests/experiments/bad/*.yaml"))
    for file in bad:
        why = problem(validators["ebm"], file.read_text())
        if why is None and file.name not in REASON:
            yield f"{file}: the schema takes this bad file"
        if why is not None and file.name in REASON:
            yield f"{file}: stands in UNSEEN ({REASON[file.name]}), but the schema refuses it: {why}"
    for name in sorted(REASON.keys() - {file.name for file in bad}):
        yield f"{name} stands in UNSEEN and is not there"


def main():
    found = list(failures(Path(sys.argv[1]), Path(sys.argv[2])))
    for line in found:
        print(line)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
