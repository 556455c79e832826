"""Train a recurrent network on a cognitive or motor task."""

import time
from functools import partial

from proprionet.cli import Run, stage


@stage("recurrent_training", kind="recurrent")
def train(run: Run) -> None:
    """Train a recurrent network on trials of a task that are new in every step.

    Tasks: flip_flop, multi_task (15 subtasks) and random_target (a muscled arm in the loop), and published variants:
    flip_flop_published, random_target_n, random_target_s, random_target_aligned. Cells: gru, noisy_gru, vanilla, lstm,
    leaky, node. Either can be a name, a name with changes, or a YAML file of its settings.

    The whole state is saved at every validation: killed at any moment, the same command goes on from there and ends
    with the same weights. The weights of the best validation are kept.

    Example: python network_comparison/train.py --task flip_flop --cell node,n_units=3 --jobs 1 --out node.h5
    """
    from proprionet import networks as backends
    from proprionet.errors import InputError

    options = run.settings
    state, threads = run.last_checkpoint()
    if state is not None:
        run.say(f"going on from the last saved state, with {threads} threads as before")
    backends.prepare(threads)
    from proprionet import seeds
    from proprionet.networks.checkpoints import History
    from proprionet.rnn import files, networks, recipes, training
    from proprionet.rnn.tasks import task

    wanted, cell = task(options.task), networks.cell(options.cell)
    names = ("n_updates", "batch_size", "learning_rate", "schedule", "clip", "latent_weight", "xla")
    recipe = recipes.recipe(wanted, cell, **{name: getattr(options, name) for name in names})
    practice = recipes.practice(wanted, recipe) if options.practice is None else task(options.practice)
    if (practice.input_labels, practice.output_labels) != (wanted.input_labels, wanted.output_labels):
        raise InputError(f"practice '{options.practice}': has other inputs or outputs than task '{options.task}'")
    network = networks.build(cell, wanted, run.seed)
    history = History()
    if not options.untrained:
        history = training.train(
            network,
            wanted,
            practice,
            recipe,
            run.seed,
            n_validation=options.n_validation,
            interval=options.interval,
            resume=state,
            checkpoint=partial(run.save_checkpoint, threads=threads),
            on_validation=_teller(run, wanted.metric, recipe.n_updates),
        )
    tested = wanted.trials(options.n_validation, seeds.generator(run.seed, "test"))
    _, metrics = training.evaluate(network, wanted, tested)
    for name, value in files.known({wanted.metric: metrics[wanted.metric]}).items():
        run.headline(f"test_{name}", value, "cm" if name.endswith("cm") else "of 1", n=options.n_validation)
    with run.write() as out:
        files.save_network(out, network, wanted, history, metrics)
    run.done("python network_comparison/analyze.py RECURRENT")


def _teller(run: Run, metric: str, n_updates: int):
    """Says how the training goes at each validation."""
    started, first = time.monotonic(), []

    def tell(row):
        first.append(row["update"])
        passed, since = row["update"] - first[0], time.monotonic() - started
        left = f", {since / passed * (n_updates - row['update']):.0f} s left" if passed else ""
        about = f"loss {row['train_loss']:.4g}, validation {row['validation_loss']:.4g}"
        run.say(f"step {row['update']:.0f} of {n_updates}: {about}, {metric} {row['validation_metric']:.4g}{left}")

    return tell


if __name__ == "__main__":
    train()
