"""Read a recorded session."""

from pathlib import Path

import click

from proprionet.cli import InputFile, Run, stage


@stage("recording", kind="session")
@click.argument("file", type=InputFile())
def read_session(run: Run, file: Path) -> None:
    """Read a recording of neurons and movement: NWB, trial_data (.mat), or plain HDF5.

    The format is told from the content of FILE; neural_prediction/README.md describes what each must hold. Units are
    converted to cm, degrees and mm, once. Trials and units that cannot be used are left out, counted and listed.

    Example: python neural_prediction/read_session.py COactpas_TD.mat --array S1 --out results/mine/session.h5
    """
    from proprionet.neural import recordings, session_files

    options = run.settings
    session = recordings.read_session(
        file, array=options.array, session=options.session, bin_width_s=options.bin_width_s
    )
    for reason, which in session.left_out.items():
        run.say(f"{session.name}: left out {len(which)} {reason}: {', '.join(map(str, which))}")
    for event, which in session.computed.items():
        run.say(f"{session.name}: {event} is not recorded, found from the speed of the hand in {len(which)} trials")
    run.headline("trials", session.n_trials, "trials")
    run.headline("passive_trials", session.passive.sum(), "trials")
    run.headline("neurons", session.n_neurons, "neurons")
    with run.write() as out:
        session_files.save(out, session)
    run.done("python neural_prediction/reconstruct_arm.py SESSION")


if __name__ == "__main__":
    read_session()
