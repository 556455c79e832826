"""Networks of PyTorch, where that is installed; a sentence where it is not."""

import sys

import numpy as np
import pytest

from proprionet.errors import InputError
from proprionet.rnn import networks
from proprionet.rnn.tasks import task
from proprionet.rnn.torch_weights import TorchDynamics, gru_weights

FLIP_FLOP = task("flip_flop,n_steps=20")


@pytest.fixture
def torch():
    return pytest.importorskip("torch", reason="torch is not installed (extra torch)")


@pytest.fixture
def benchmark_gru(torch):
    """A network as the benchmark builds it."""
    torch.manual_seed(0)
    model = torch.nn.Module()
    model.cell, model.readout = torch.nn.GRUCell(3, 6), torch.nn.Linear(6, 3)
    model.latent_ics = torch.nn.Parameter(torch.randn(6))
    return model


def test_a_gru_of_the_benchmark_does_the_same_here(torch, benchmark_gru, tmp_path):
    torch.save(
        {"state_dict": {f"model.{name}": w for name, w in benchmark_gru.state_dict().items()}}, tmp_path / "a.pt"
    )
    ours = networks.build(networks.cell("gru,n_units=6"), FLIP_FLOP, 0)
    networks.set_weights(ours, gru_weights(tmp_path / "a.pt"))
    trials = FLIP_FLOP.trials(4, np.random.default_rng(0))
    done, state = networks.run(ours, trials), benchmark_gru.latent_ics.expand(4, 6)
    for step in range(20):
        state = benchmark_gru.cell(torch.tensor(trials.inputs[:, step]), state)
        np.testing.assert_allclose(done["latents"][:, step], state.detach(), atol=1e-5)
    np.testing.assert_allclose(done["outputs"][:, -1], benchmark_gru.readout(state).detach(), atol=1e-5)


def test_a_module_has_steps_and_jacobians(torch, benchmark_gru):
    cell = benchmark_gru.cell.double()
    dynamics = TorchDynamics(lambda x, u: cell(u, x))
    random = np.random.default_rng(0)
    x, u = random.normal(size=(5, 6)), random.normal(size=(5, 3))
    jacobian = dynamics.jacobian(x, u)
    assert jacobian.shape == (5, 6, 6)
    for unit in range(6):
        move = 1e-5 * np.eye(6)[unit]
        slope = (dynamics.step(x + move, u) - dynamics.step(x - move, u)) / 2e-5
        np.testing.assert_allclose(jacobian[:, :, unit], slope, atol=1e-9)


def test_a_step_of_the_wrong_shape_is_refused(torch):
    with pytest.raises(InputError, match=r"states of shape \(5, 6\) became \(5, 3\)"):
        TorchDynamics(lambda x, u: u).step(np.zeros((5, 6)), np.zeros((5, 3)))


def test_files_that_are_no_gru_are_refused(torch, tmp_path):
    (tmp_path / "text.pt").write_text("not tensors")
    with pytest.raises(InputError, match=r"text.pt: is no state dictionary"):
        gru_weights(tmp_path / "text.pt")
    torch.save(torch.nn.Linear(2, 2), tmp_path / "module.pt")
    with pytest.raises(InputError, match=r"module.pt: is no state dictionary"):
        gru_weights(tmp_path / "module.pt")
    torch.save(torch.nn.Linear(2, 2).state_dict(), tmp_path / "linear.pt")
    with pytest.raises(InputError, match=r"expected one 'cell.weight_ih', found 0 \(in weight, bias\)"):
        gru_weights(tmp_path / "linear.pt")


def test_without_torch_there_is_a_sentence(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(InputError, match=r"need torch: pip install -e '.\[torch\]'"):
        gru_weights(tmp_path / "a.pt")


def test_without_motornet_there_is_a_sentence(monkeypatch):
    from proprionet.rnn.motornet_arm import environment

    monkeypatch.setitem(sys.modules, "motornet", None)
    with pytest.raises(InputError, match=r"needs motornet: pip install -e '.\[torch\]'"):
        environment(task("random_target"))
