"""Networks of PyTorch: their steps for the analyses, and the weights of the benchmark's GRUs."""

import importlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from proprionet.errors import InputError

# A gate's place in our order z, r, h; the files have r, z, n.
_OURS = (1, 0, 2)


def gru_weights(path: Path) -> dict[str, np.ndarray]:
    """Weights of a GRU and its readout from a state dictionary of PyTorch, as :func:`networks.set_weights` takes them.

    Names end in ``cell.weight_ih``, ``cell.weight_hh``, ``cell.bias_ih``, ``cell.bias_hh``, ``readout.weight`` and
    ``readout.bias``; a prefix does not matter. A learnt initial state comes too: any other tensor with
    a number for each unit; it is 0 without one. The file is read as tensors alone: no object is ever built from it.

    Raises
    ------
    InputError
        If PyTorch is missing, the file is no state dictionary, or it holds no GRU and readout.
    """
    torch = _torch()
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:
        raise InputError(f"{path}: is no state dictionary of PyTorch that holds tensors alone") from error
    state = state.get("state_dict", state) if isinstance(state, dict) else {}
    found = {name: values.numpy() for name, values in state.items() if isinstance(values, torch.Tensor)}

    def one(ending: str) -> np.ndarray:
        matching = [name for name in found if name == ending or name.endswith(f".{ending}")]
        if len(matching) != 1:
            raise InputError(
                f"{path}: expected one '{ending}', found {len(matching)} (in {', '.join(found) or 'nothing'})"
            )
        return found[matching[0]].astype(np.float32)

    names = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
    gates = {name: _reordered(one(f"cell.{name}"), name, path) for name in names}
    n_units = gates["weight_hh"].shape[1]
    used = ("weight_ih", "weight_hh", "bias_ih", "bias_hh", "readout.weight", "readout.bias")
    others = [values for name, values in found.items() if not name.endswith(used) and values.size == n_units]
    return {
        "cell/kernel": gates["weight_ih"].T,
        "cell/recurrent_kernel": gates["weight_hh"].T,
        "cell/bias": np.stack([gates["bias_ih"], gates["bias_hh"]]),
        "readout/kernel": one("readout.weight").T,
        "readout/bias": one("readout.bias"),
        "initial_state": (others or [np.zeros(n_units)])[0].reshape(-1).astype(np.float32),
    }


class TorchDynamics:
    """A step of a network of PyTorch, with its Jacobian by automatic differentiation, on arrays.

    Parameters
    ----------
    step : callable
        ``step(state, inputs) -> state`` on float64 tensors of shapes (point, state) and (point, input): after
        ``cell.double()``, such as ``lambda x, u: cell(u, x)``. A point must not depend on the others.

    Raises
    ------
    InputError
        If PyTorch is missing; on use, if ``step`` answers with another shape than its state's.
    """

    def __init__(self, step: Callable[[Any, Any], Any]):
        self._torch = _torch()
        self._step = step

    def step(self, x: np.ndarray, u: np.ndarray) -> np.ndarray:
        """States of shape (point, state) a step later, with inputs of shape (point, input)."""
        with self._torch.no_grad():
            after = self._step(self._tensor(x), self._tensor(u))
        if tuple(after.shape) != np.shape(x):
            raise InputError(f"step: states of shape {np.shape(x)} became {tuple(after.shape)}")
        return after.double().numpy()

    def jacobian(self, x: np.ndarray, u: np.ndarray) -> np.ndarray:
        """Derivatives of the new states by the old ones, shape (point, state, state)."""
        before = self._tensor(x).requires_grad_()
        after = self._step(before, self._tensor(u)).sum(dim=0)
        rows = [self._torch.autograd.grad(one, before, retain_graph=True)[0] for one in after]
        return self._torch.stack(rows, dim=1).double().numpy()

    def _tensor(self, values: np.ndarray) -> Any:
        return self._torch.as_tensor(np.asarray(values), dtype=self._torch.float64)


def _reordered(values: np.ndarray, name: str, path: Path) -> np.ndarray:
    """Rows of the three gates in our order."""
    if len(values) % 3:
        raise InputError(f"{path}: cell.{name} has {len(values)} rows, but a GRU has three gates of one size")
    gates = np.split(values, 3)
    return np.concatenate([gates[gate] for gate in _OURS])


def _torch() -> Any:
    try:
        return importlib.import_module("torch")
    except ImportError:
        raise InputError("networks of PyTorch need torch: pip install -e '.[torch]' in the project's folder") from None
