import pytest

from proprionet.arm.model_file import check_model_file
from proprionet.errors import InputError

BOMB = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]><OpenSimDocument><Model>&b;</Model></OpenSimDocument>'
OTHER_FILE = (
    '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/hostname">]><OpenSimDocument><Model>&a;</Model></OpenSimDocument>'
)


def test_model_passes(tmp_path):
    path = tmp_path / "arm.osim"
    path.write_text('<?xml version="1.0"?><OpenSimDocument Version="40500"><Model name="arm"/></OpenSimDocument>')
    check_model_file(path)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "not well-formed XML"),
        ("<OpenSimDocument><Model>", "not well-formed XML"),
        ("\x00\x01 MZ", "not well-formed XML"),
        ("<html><Model/></html>", "expected <OpenSimDocument>, found <html>"),
        ("<OpenSimDocument><Storage/></OpenSimDocument>", r"holds no <Model> \(found: <Storage>\)"),
        ("<OpenSimDocument><Storage><Model/></Storage></OpenSimDocument>", "holds no <Model>"),
        (BOMB, "declares a document type"),
        (OTHER_FILE, "declares a document type"),
        ("<!DOCTYPE OpenSimDocument><OpenSimDocument><Model/></OpenSimDocument>", "declares a document type"),
    ],
)
def test_anything_else_is_refused(tmp_path, content, message):
    path = tmp_path / "arm.osim"
    path.write_text(content)
    with pytest.raises(InputError, match=f"arm.osim: .*{message}"):
        check_model_file(path)


def test_missing_file_and_folder_are_named(tmp_path):
    with pytest.raises(InputError, match=r"none\.osim: cannot be read \(No such file"):
        check_model_file(tmp_path / "none.osim")
    with pytest.raises(InputError, match="cannot be read"):
        check_model_file(tmp_path)
