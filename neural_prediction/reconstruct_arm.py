"""Find the arm of a recorded session: its joints and muscle lengths."""

from pathlib import Path

import click

from proprionet.cli import InputFile, Run, stage


@stage("arm", "reconstruction", kind="session")
@click.argument("session", type=InputFile("session"))
def reconstruct_arm(run: Run, session: Path) -> None:
    """Add joint angles and muscle lengths of an arm model to SESSION, from what was recorded of its movements.

    From joints (matched by name), else from markers (inverse kinematics of the model), else from the hand alone, which
    stays where it was recorded while the elbow starts at a given angle and moves as little as it can; README.md says
    how well that is known. Trials without postures or with muscle faults are left out, counted and listed.

    Example: python neural_prediction/reconstruct_arm.py session.h5 --profile macaque --model Chips.osim --out arm.h5
    """
    import numpy as np

    from proprionet import store
    from proprionet.arm import axes, planar_hand, profiles
    from proprionet.neural import reconstruction, session_files

    options = run.settings
    rotation = axes.rotation(options.marker_axes)
    with store.read(session, "session") as file:
        recorded = session_files.load(file)
    reconstruction.check_species(recorded, profiles.choose(options.profile))
    from proprionet.movements import setup  # loads OpenSim, which takes seconds

    arm = setup.choose_arm(options)
    run.say(f"arm: {arm.name}")
    source = options.posture_from
    if source == "auto":
        source = reconstruction.best_source(recorded, arm.profile)
    about = {"arm": arm.name, "posture_from": source}
    if source == "joints":
        posture = reconstruction.from_joints(recorded, arm.profile)
    elif source == "markers":
        posture = reconstruction.from_markers(recorded, arm.profile, arm.model, rotation, run.jobs, run.progress)
    else:
        placement = planar_hand.place(arm.profile, reconstruction.hand_of(recorded), options.height_cm)
        if options.shoulder_x_cm is not None:
            placement = planar_hand.Placement((options.shoulder_x_cm, options.shoulder_y_cm), placement.height)
        posture = reconstruction.from_hand(recorded, arm.profile, placement, options.elbow_out_deg)
        about |= {"shoulder_cm": list(placement.shoulder), "hand_above_shoulder_cm": placement.height}
        x, y = placement.shoulder
        run.say(f"shoulder at {x:.1f}, {y:.1f} cm of the hand's frame, hand {placement.height:.1f} cm above it")
    muscles = setup.choose_engine(options, arm, run.jobs, run.say, run.progress)
    lengths = reconstruction.muscle_lengths(muscles, posture.joints, run.jobs, run.progress)
    about |= {name: getattr(options, name) for name in ("length_kind", "geometry", "engine")}
    found = reconstruction.rebuilt(recorded, posture, arm.profile, lengths, about)
    for reason, which in found.left_out.items():
        if new := which[len(recorded.left_out.get(reason, [])) :]:
            run.say(f"{found.name}: left out {len(new)} {reason}: {', '.join(map(str, new))}")
    run.headline("trials", found.n_trials, "trials")
    run.headline("trials_left_out", recorded.n_trials - found.n_trials, "trials")
    run.headline("within_limits", posture.within_limits(arm.profile).mean(), "of bins")
    if posture.error is not None:
        run.headline(f"{source.removesuffix('s')}_error", np.nanmean(posture.error), "cm", over="mean over bins")
    with run.write() as out:
        session_files.save(out, found)
    run.done("python neural_prediction/predict.py SESSION NETWORK")


if __name__ == "__main__":
    reconstruct_arm()
