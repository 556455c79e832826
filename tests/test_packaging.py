"""One list of dependencies with three faces, and the rules of the layout that nothing else enforces."""

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
import stages
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[1]
LIBRARY = ROOT / "code" / "proprionet"

# From the ground up: a room imports from its own row and the rows before it.
ROOMS = (
    {"errors", "seeds", "store", "config", "progress", "workers", "timing", "matlab", "cli"},
    {"letters"},
    {"arm"},
    {"movements", "reaches"},
    {"spindles"},
    {"dataset", "inspection"},
    {"networks"},
    {"analysis"},
    {"neural"},
    {"rnn"},
    {"plotting"},
    {"doctor", "arm_commands", "main", "__main__"},
)
LEVEL = {room: level for level, rooms in enumerate(ROOMS) for room in rooms}

PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
PROJECT = PYPROJECT["project"]
PYTHONS = [f"3.{minor}" for minor in range(8, 20) if f"3.{minor}" in SpecifierSet(PROJECT["requires-python"])]
CONDA = yaml.safe_load((ROOT / "environment.yml").read_text())["dependencies"]
DOCKERFILE = (ROOT / "Dockerfile").read_text()
MAKEFILE = (ROOT / "Makefile").read_text()
NOT_LOCKED = {"torch"}  # 2 GB that no stage needs, and GPL-3
PINS = [
    Requirement(line)
    for line in (ROOT / "constraints.txt").read_text().splitlines()
    if line and not line.startswith("#")
]


def pinned(name: str, python: str) -> str:
    """The one version of a package that the lock gives to a Python on Linux."""
    environment = {"python_version": python, "python_full_version": f"{python}.4", "sys_platform": "linux"}
    versions = [
        str(pin.specifier).removeprefix("==")
        for pin in PINS
        if canonicalize_name(pin.name) == canonicalize_name(name)
        and (pin.marker is None or pin.marker.evaluate(environment))
    ]
    assert len(versions) == 1, f"{name} on Python {python}: {len(versions)} pins in constraints.txt, run 'make lock'"
    return versions[0]


def direct_dependencies() -> Iterator[Requirement]:
    extras = PROJECT["optional-dependencies"]
    locked = [lines for extra, lines in extras.items() if extra not in NOT_LOCKED]
    for group in (PROJECT["dependencies"], *locked):
        for line in group:
            if not line.startswith("proprionet["):
                yield Requirement(line)


@pytest.mark.parametrize("python", PYTHONS)
def test_lock_has_every_direct_dependency(python):
    for wanted in direct_dependencies():
        version = pinned(wanted.name, python)
        assert version in wanted.specifier, f"{wanted} is pinned to {version}: run 'make lock'"


def test_lock_holds_pins_and_nothing_else():
    assert all(str(pin.specifier).startswith("==") and not pin.url and not pin.extras for pin in PINS)
    assert [pin.name for pin in PINS] == sorted(pin.name for pin in PINS)
    assert "torch" not in {pin.name for pin in PINS}, "an extra pulls in torch: 2 GB that no stage needs"


def test_all_means_every_extra_that_users_need():
    extras = PROJECT["optional-dependencies"]
    named = re.fullmatch(r"proprionet\[([a-z,]+)\]", extras["all"][0])
    assert named
    assert set(named[1].split(",")) <= set(extras) - {"all", "dev"}
    assert "proprionet[all]" in extras["dev"]


def test_every_face_installs_the_same_list():
    pip = next(entry["pip"] for entry in CONDA if isinstance(entry, dict))
    assert pip == ["-c constraints.txt", "-e .[all]"]
    assert "-c constraints.txt -e '.[all]'" in DOCKERFILE
    assert "--constraint constraints.txt --editable '.[dev]'" in MAKEFILE


def test_every_face_has_a_supported_python():
    conda = next(entry for entry in CONDA if isinstance(entry, str) and entry.startswith("python="))
    assert conda.removeprefix("python=") in PYTHONS
    assert set(re.findall(r"python(3\.\d+) -m venv", DOCKERFILE)) == {conda.removeprefix("python=")}
    searched = re.findall(r"python(3\.\d+)", MAKEFILE.partition("for python in ")[2].partition(";")[0])
    assert searched == PYTHONS


def test_image_starts_from_the_pinned_tensorflow():
    base = re.search(r"^FROM tensorflow/tensorflow:(\S+)-gpu$", DOCKERFILE, flags=re.MULTILINE)
    assert base
    assert {base[1]} == {pinned("tensorflow", python) for python in PYTHONS}


def test_image_runs_as_a_user_and_watches_itself():
    assert re.findall(r"^USER (\S+)$", DOCKERFILE, flags=re.MULTILINE)[-1] != "root"
    assert 'HEALTHCHECK --interval=10m --timeout=60s --start-period=1m CMD ["proprionet", "doctor"]' in DOCKERFILE
    assert "HDF5_USE_FILE_LOCKING" in DOCKERFILE


def test_no_package_is_called_code():
    assert not (ROOT / "code" / "__init__.py").exists(), "it would hide the standard library's module and break pdb"


def test_files_that_are_no_modules_are_installed_too():
    patterns = PYPROJECT["tool"]["setuptools"]["package-data"]["proprionet"]
    for file in LIBRARY.rglob("*.*"):
        if file.is_file() and file.suffix != ".py" and file.parent.name != "__pycache__":
            assert any(file.match(f"proprionet/{pattern}") for pattern in patterns), f"package-data lacks {name(file)}"


def modules(*folders: Path) -> list[Path]:
    return sorted(file for folder in folders for file in folder.rglob("*.py"))


def name(file: Path) -> str:
    return str(file.relative_to(ROOT))


def rooms_imported(tree: ast.Module, package: tuple[str, ...]) -> Iterator[str]:
    """Every room of the library that a module imports from, wherever in the module it does so."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            sources = [alias.name.split(".") for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = list(package[: len(package) + 1 - node.level]) if node.level else []
            base += (node.module or "").split(".") if node.module else []
            sources = [[*base, alias.name] for alias in node.names]
        else:
            continue
        yield from (source[1] for source in sources if source[0] == "proprionet" and len(source) > 1)


@pytest.mark.parametrize("file", modules(LIBRARY), ids=name)
def test_room_imports_only_rooms_below_it(file):
    package = ("proprionet", *file.relative_to(LIBRARY).parts[:-1])
    room = file.relative_to(LIBRARY).parts[0].removesuffix(".py")
    if room == "__init__":
        assert not list(rooms_imported(ast.parse(file.read_text()), package))
        return
    assert room in LEVEL, f"{room} has no place among the rooms of the library"
    for imported in rooms_imported(ast.parse(file.read_text()), package):
        assert LEVEL.get(imported, 0) <= LEVEL[room], f"{room} imports {imported}, which stands above it"


SCRIPTS = modules(*(ROOT / folder for folder in stages.FOLDERS))


@pytest.mark.parametrize("file", SCRIPTS, ids=name)
def test_script_imports_the_library_and_no_other_script(file):
    others = {script.stem for script in SCRIPTS} | set(stages.FOLDERS)
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            sources = {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "a script has no package to import from"
            sources = {(node.module or "").split(".")[0]}
        else:
            continue
        assert not sources & (others | {"runpy", "importlib"}), f"line {node.lineno} imports {sources}"


PICKLES = {"pickle", "cPickle", "dill", "cloudpickle", "shelve", "marshal"}


def faults(tree: ast.Module) -> Iterator[str]:
    """Calls and imports that read or write pickles, rebuild whole models from a file, or print."""
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=names) if PICKLES & {alias.name.split(".")[0] for alias in names}:
                yield f"line {node.lineno}: imports a pickle library"
            case ast.ImportFrom(module=str(module)) if module.split(".")[0] in PICKLES:
                yield f"line {node.lineno}: imports a pickle library"
            case ast.keyword(arg="allow_pickle", value=ast.expr() as value):
                if not (isinstance(value, ast.Constant) and value.value is False):
                    yield f"line {node.lineno}: allows pickle"
            case ast.Attribute(value=ast.Name(id="joblib"), attr="load" | "dump"):
                yield f"line {node.lineno}: joblib files are pickles"
            case ast.Attribute(attr="load_model") | ast.Name(id="load_model") | ast.alias(name="load_model"):
                yield f"line {node.lineno}: a network is rebuilt from its settings, then given its weights"
            case ast.Call(func=ast.Name(id="print")):
                yield f"line {node.lineno}: prints"


@pytest.mark.parametrize("file", modules(LIBRARY) + SCRIPTS, ids=name)
def test_no_pickle_no_whole_models_no_printing(file):
    assert not list(faults(ast.parse(file.read_text())))


@pytest.mark.parametrize(
    "line",
    [
        "import pickle",
        "from dill import loads",
        "np.load(file, allow_pickle=True)",
        "np.load(file, allow_pickle=trusted)",
        "joblib.dump(network, file)",
        "keras.models.load_model(file)",
        "from keras.models import load_model",
        "print('done')",
    ],
)
def test_faults_are_found(line):
    assert list(faults(ast.parse(line)))


@pytest.mark.parametrize("line", ["np.load(file, allow_pickle=False)", "click.echo('done')", "keras.Model(a, b)"])
def test_what_is_allowed_is_no_fault(line):
    assert not list(faults(ast.parse(line)))


@pytest.mark.parametrize(
    ("line", "rooms"),
    [
        ("import proprionet.arm.fetch", ["arm"]),
        ("from proprionet import store, letters", ["store", "letters"]),
        ("from proprionet.arm.fetch import default_model", ["arm"]),
        ("from . import kinematics", ["arm"]),
        ("from ..store import read", ["store"]),
        ("from .. import plotting", ["plotting"]),
        ("def late():\n    from proprionet.rnn import tasks", ["rnn"]),
        ("import numpy as np\nimport proprionet", []),
    ],
)
def test_imported_rooms_are_seen(line, rooms):
    assert list(rooms_imported(ast.parse(line), ("proprionet", "arm"))) == rooms


def test_citation_file_is_valid_and_knows_the_works():
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text())
    assert citation["cff-version"] == "1.2.0"
    assert {"message", "title", "authors"} <= set(citation)
    assert citation["license"] == PROJECT["license"]
    for work in citation["references"]:
        assert {"type", "title", "authors"} <= set(work), work.get("title")
        assert all("family-names" in author or "name" in author for author in work["authors"])
    cited = {work.get("doi") for work in citation["references"]}
    assert {"10.7554/eLife.81499", "10.1016/j.cell.2024.02.036", "10.1101/2025.02.07.637062"} <= cited


def test_version_has_its_place_in_the_changelog_and_citation():
    import proprionet

    assert f"## [{proprionet.__version__}]" in (ROOT / "CHANGELOG.md").read_text()
    assert yaml.safe_load((ROOT / "CITATION.cff").read_text())["version"] == proprionet.__version__
