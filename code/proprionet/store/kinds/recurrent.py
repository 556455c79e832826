"""Kinds of file about recurrent networks on cognitive and motor tasks, and models of spikes that show them."""

from proprionet.store.kinds.base import Array, Kind

_DYNAMICS_MEASURES = {
    "affine_r2": "variance of the other's states that an affine map of the one's explains, on held-out trials",
    "cka": "linear CKA of states, debiased",
    "cca": "mean squared canonical correlation of states",
    "svcca": "mean canonical correlation of states",
    "procrustes": "distance of states after the best rotation",
    "dsa_wasserstein": "mean squared distance of the eigenvalues of both dynamics",
    "dsa_angular": "angle between both dynamics after the best rotation, radian",
}

KINDS = (
    Kind(
        "recurrent",
        "a recurrent network on a cognitive or motor task: settings and weights",
        "network_comparison/train.py",
        {
            "weights/*": Array(None, "float32", "1", "weights of the network"),
            "update": Array(("validation",), "int64", "1", "training steps before the validation"),
            "train_loss": Array(("validation",), "float64", "1", "mean over the training steps since the last one"),
            "validation_loss": Array(("validation",), "float64", "1", "loss on trials that are never trained on"),
            "validation_metric": Array(
                ("validation",), "float64", "1", "the attribute 'metric' on the same trials", False
            ),
            "learning_rate": Array(("validation",), "float64", "1", "at the last of these steps"),
        },
        {
            "network": dict,
            "task": dict,
            "trained": bool,
            "input_size": int,
            "n_outputs": int,
            "metric": str,
            "metrics": dict,
        },
        version=2,
    ),
    Kind(
        "latents",
        "what a recurrent network does in trials of its task: inputs, states, outputs",
        "network_comparison/analyze.py",
        {
            "latents": Array(("trial", "step", "latent"), "float32", "1", "state after the step"),
            "inputs": Array(("trial", "step", "input"), "float32", "1", "what the network sees, with noise"),
            "true_inputs": Array(("trial", "step", "input"), "float32", "1", "the same without the task's noise"),
            "outputs": Array(("trial", "step", "output"), "float32", "1", "readout of the state"),
            "targets": Array(("trial", "step", "target"), "float32", "as trained", "what is wanted"),
            "weights": Array(("trial", "step", "target"), "float32", "1", "weight of the errors in the loss"),
            "conds": Array(("trial",), "int64", "1", "condition of the trial, index into the attribute conditions"),
            "extra": Array(("trial", "timing"), "int64", "1", "steps of the trial that the attribute timings names"),
            "split": Array(("trial",), "uint8", "1", "0 train, 1 validation"),
            "phases/*": Array(
                ("trial", "bound"), "int64", "1", "first step of the phase and step after it, or -1", optional=True
            ),
            "controlled": Array(("trial", "step", "axis"), "float32", "cm", "hand of a moving arm", optional=True),
            "joints": Array(("trial", "step", "joint"), "float32", "degree", "joint angles of it", optional=True),
            "muscle_length": Array(("trial", "step", "muscle"), "float32", "mm", "muscle-tendon length", optional=True),
            "activation": Array(("trial", "step", "muscle"), "float32", "1", "muscle activation", optional=True),
            "load": Array(("trial", "step", "axis"), "float32", "N", "force on the hand", optional=True),
        },
        {
            "network": dict,
            "task": dict,
            "name": str,
            "trained": bool,
            "conditions": list,
            "timings": list,
            "input_labels": list,
            "output_labels": list,
            "metrics": dict,
        },
    ),
    Kind(
        "fixed_points",
        "fixed and slow points of a recurrent network under constant inputs, and what happens around them",
        "network_comparison/fixed_points.py",
        {
            "states": Array(("point", "state"), "float64", "1", "of the network, fixed points first"),
            "fixed": Array(
                ("point",), "uint8", "1", "1 for fixed points (q below 1e-16), 0 for slow ones (below 1e-6)"
            ),
            "q": Array(("point",), "float64", "1", "speed, half the squared step of the state"),
            "inputs": Array(("point", "input"), "float64", "1", "constant input under which it is one"),
            "outputs": Array(("point", "output"), "float64", "1", "readout of the state"),
            "code": Array(
                ("point", "output"), "int64", "1", "output at its low (-1) or high (1) level, or neither (0)"
            ),
            "eigenvalue_real": Array(("point", "mode"), "float64", "1", "of the Jacobian, largest size first"),
            "eigenvalue_imaginary": Array(("point", "mode"), "float64", "1", "of the Jacobian"),
            "time_constants": Array(("point", "mode"), "float64", "step", "below 0 for modes that grow", finite=False),
            "n_unstable": Array(("point",), "int64", "1", "modes with an eigenvalue larger than 1"),
            "n_marginal": Array(("point",), "int64", "1", "modes with an eigenvalue within 0.001 of size 1"),
            "sign": Array(("point",), "int64", "1", "sign of det(1 - J)"),
            "merged": Array(("point", "search"), "int64", "1", "starts of each search that ended here"),
            "ends": Array(("search", "fate"), "int64", "1", "starts that ended as the attribute fates says"),
            "path_inputs": Array(("place", "input"), "float64", "1", "inputs along a path", optional=True),
            "path_states": Array(("place", "followed", "state"), "float64", "1", "of fixed points", optional=True),
            "path_q": Array(
                ("place", "followed"), "float64", "1", "speed: above 1e-16 where it is gone", optional=True
            ),
            "path_outputs": Array(("place", "followed", "output"), "float64", "1", "readouts", optional=True),
            "path_n_unstable": Array(("place", "followed"), "int64", "1", "modes that grow", optional=True),
        },
        {
            "network": dict,
            "task": dict,
            "name": str,
            "trained": bool,
            "fates": list,
            "output_labels": list,
            "lefschetz_sum": int,
            "lefschetz_expected": bool,
            "searches_agree": bool,
            "complete": bool,
            "tolerances": dict,
        },
    ),
    Kind(
        "dynamics_similarity",
        "how alike the states and the dynamics of networks, or of their layers, are in the same trials",
        "network_comparison/compare.py",
        {
            **{
                name: Array(("one", "other"), "float64", "1", about, finite=False)
                for name, about in _DYNAMICS_MEASURES.items()
            },
            **{
                f"floor_{name}": Array(("one",), "float64", "1", "between halves of its own trials", finite=False)
                for name in ("dsa_wasserstein", "dsa_angular")
            },
            **{
                f"ceiling_{name}": Array(("one",), "float64", "1", "with its own states, time shuffled", finite=False)
                for name in _DYNAMICS_MEASURES
            },
            "scree": Array(("one", "component"), "float64", "1", "share of variance of each component", finite=False),
        },
        {"networks": list, "rank": int, "ranks": list, "n_trials": int, "step": float, "undefined": dict},
    ),
    Kind(
        "simulated_neurons",
        "spikes of simulated neurons that show the latents of a recurrent network, and the truth behind them",
        "network_comparison/simulate.py",
        {
            "spikes": Array(("trial", "step", "neuron"), "uint16", "1", "spikes in each bin"),
            "rates": Array(("trial", "step", "neuron"), "float32", "1", "expected spikes in each bin"),
            "held_out": Array(("neuron",), "uint8", "1", "1 for neurons that models must predict unseen"),
            "readout": Array(("latent", "neuron"), "float32", "1", "1 where a neuron shows a latent"),
            "latents": Array(("trial", "step", "latent"), "float32", "1", "state of the network after the step"),
            "inputs": Array(("trial", "step", "input"), "float32", "1", "what the network saw, with noise"),
            "targets": Array(("trial", "step", "target"), "float32", "as trained", "what was wanted of the network"),
            "weights": Array(("trial", "step", "target"), "float32", "1", "weight of the errors in its loss"),
            "extra": Array(("trial", "timing"), "int64", "1", "steps of the trial that the attribute timings names"),
            "n_steps": Array(("trial",), "int64", "1", "steps until the end of the trial; what follows is padding"),
            "split": Array(("trial",), "uint8", "1", "0 train, 1 validation"),
        },
        {
            "electrodes": dict,
            "network": dict,
            "task": dict,
            "name": str,
            "trained": bool,
            "timings": list,
        },
    ),
    Kind(
        "inferred",
        "what a data-driven model finds behind spikes: rates, latents, inputs; the model, and how good it is",
        "network_comparison/fit.py",
        {
            "log_rates": Array(("trial", "step", "neuron"), "float32", "1", "log of expected spikes in each bin"),
            "latents": Array(("trial", "step", "latent"), "float32", "1", "state of the decoder after the step"),
            "inputs": Array(
                ("trial", "step", "input"), "float32", "1", "that the controller infers from the spikes", optional=True
            ),
            "split": Array(("trial",), "uint8", "1", "0 train, 1 validation"),
            "weights/*": Array(None, "float32", "1", "weights of the model; cell and readout are those of a network"),
            "epoch": Array(("epoch",), "int64", "1", "number of the epoch, from 1"),
            "train_loss": Array(("epoch",), "float64", "1", "mean over the training steps of the epoch"),
            "validation_loss": Array(("epoch",), "float64", "1", "Poisson, of a count, nat"),
        },
        {"network": dict, "name": str, "simulated_network": dict, "task": dict, "metrics": dict},
        version=2,
    ),
)
