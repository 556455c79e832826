"""Find every place where the arm can write a letter."""

from proprionet.cli import Run, stage
from proprionet.errors import InputError


@stage("arm", "start_points", kind="start_points")
def find_start_points(run: Run) -> None:
    """Find the places in front of the body where the arm reaches a whole letter.

    Writes the centres of the letter's box for horizontal and vertical planes, in cm, origin at the shoulder.

    Example: python dataset/find_start_points.py --out results/demo/start_points.h5
    """
    from proprionet.arm import profiles, start_points
    from proprionet.movements import setup

    profile = setup.choose_profile(run.settings)
    found = start_points.find_start_points(profile, spacing_cm=run.settings.spacing_cm)
    for plane, points in found.items():
        if not len(points):
            raise InputError(
                f"there is no place in {plane} planes where this arm can write a letter of {profile.letter_cm:g} cm; "
                "choose a smaller --spacing-cm, or look at the lengths and limits of its profile"
            )
        run.headline(f"{plane}_points", len(points), "points")
    with run.write() as file:
        for plane, points in found.items():
            file.write(plane, points)
        file.set(arm=profile.name, arm_kinematics=profiles.kinematics_of(profile))
    run.done("python dataset/generate_movements.py LETTERS START_POINTS")


if __name__ == "__main__":
    find_start_points()
