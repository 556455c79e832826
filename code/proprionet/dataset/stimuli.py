"""The stimuli that activations were recorded from."""

from proprionet.errors import InputError
from proprionet.store import Reader


def check_stimuli(file: Reader) -> None:
    """Make sure that the letters in a file of activations are of its alphabet, and movements within their record.

    Raises
    ------
    InputError
        Names the file and the first movement that is not.
    """
    label, first, n_samples = (file[name] for name in ("label", "first", "n_samples"))
    n_letters, n_times = len(file.attribute("alphabet")), file.dataset("hand").shape[2]
    if (bad := (label < 0) | (label >= n_letters)).any():
        raise InputError(
            f"{file.path.name}: movement {bad.argmax()} has letter {label[bad][0]}, expected 0 to {n_letters - 1}"
        )
    if (bad := (first < 0) | (n_samples < 1) | (first + n_samples > n_times)).any():
        raise InputError(f"{file.path.name}: movement {bad.argmax()} does not lie within its {n_times} samples")


def check_same_movements(one: Reader, other: Reader) -> None:
    """Make sure that two files of activations are of the same movements: only these can be compared.

    Raises
    ------
    InputError
        Names both files and what differs.
    """
    for name in ("movement", "label", "hand"):
        mine, theirs = one[name], other[name]
        if mine.shape != theirs.shape or (mine != theirs).any():
            raise InputError(
                f"{one.path} and {other.path} are of different movements ('{name}' differs): record both from one data "
                "set with one --seed and one --per-letter"
            )
