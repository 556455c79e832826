"""A first look at an OpenSim model file, before OpenSim itself sees it."""

from pathlib import Path
from xml.parsers import expat

from proprionet.errors import InputError


def check_model_file(path: Path) -> None:
    """Make sure that a file is plain XML with an OpenSim model in it.

    A document type or an entity declaration is refused: models need none, and they can make a reader open other files
    or fill the memory.

    Raises
    ------
    InputError
        If the file is missing, is not well-formed XML, declares a document type, or holds no OpenSim model.
    """
    outline = _Outline(path)
    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = outline.refuse_doctype
    parser.StartElementHandler = outline.open
    parser.EndElementHandler = outline.close
    try:
        with path.open("rb") as file:
            parser.ParseFile(file)
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror})") from None
    except expat.ExpatError as error:
        raise InputError(f"{path}: is not an OpenSim model; it is not well-formed XML ({error})") from None
    if outline.root != "OpenSimDocument":
        raise InputError(f"{path}: is not an OpenSim model; expected <OpenSimDocument>, found <{outline.root}>")
    if "Model" not in outline.parts:
        found = ", ".join(f"<{part}>" for part in sorted(outline.parts)) or "nothing"
        raise InputError(f"{path}: holds no <Model> (found: {found}); expected a model, such as arm.osim")


class _Outline:
    """The root element of an XML file and the elements right below it."""

    def __init__(self, path: Path):
        self.path = path
        self.root = ""
        self.parts: set[str] = set()
        self._depth = 0

    def open(self, tag: str, _attributes: dict[str, str]) -> None:
        if self._depth == 0:
            self.root = tag
        elif self._depth == 1:
            self.parts.add(tag)
        self._depth += 1

    def close(self, _tag: str) -> None:
        self._depth -= 1

    def refuse_doctype(self, *_declaration: object) -> None:
        raise InputError(f"{self.path}: declares a document type (<!DOCTYPE ...>), which an OpenSim model never needs")
