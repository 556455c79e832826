"""Kinds of file about letters, the arm and its movements."""

from proprionet.store.kinds.base import STATISTICS, Array, Kind, latents

_ARM = {
    "alphabet": str,
    "time_step_s": float,
    "arm": str,
    "arm_kinematics": dict,
    "joint_names": list,
    "muscle_names": list,
    "length_kind": str,
    "geometry": str,
    "engine": str,
    "letters": str,
}
_TABLES = {
    "tables/*": Array(None, "any", "1", "muscle tables, which the lengths of a compact file come from", True, True)
}

KINDS = (
    Kind(
        "letters",
        "pen letters at 15 ms steps, one after another",
        "dataset/write_letters.py or dataset/read_letters.py",
        {
            "samples": Array(("sample", "pen_axis"), "float64", "cm", "pen position: x right, y up"),
            "offsets": Array(("boundary",), "int64", "1", "letter i is samples[offsets[i]:offsets[i + 1]]"),
            "label": Array(("letter",), "int64", "1", "letter of the alphabet, from 0"),
            "source": Array(("letter",), "int64", "1", "id of the letter, kept by everything made from it"),
        },
        {"alphabet": str, "time_step_s": float, "origin": str},
    ),
    Kind(
        "start_points",
        "places where the arm can write a letter",
        "dataset/find_start_points.py",
        {
            "horizontal": Array(("horizontal_point", "axis"), "float64", "cm", "box centres in horizontal planes"),
            "vertical": Array(("vertical_point", "axis"), "float64", "cm", "box centres in vertical planes"),
        },
        {"arm": str, "arm_kinematics": dict},
        version=2,
    ),
    Kind(
        "muscle_tables",
        "muscle lengths as splines over joint angles, and how well they agree with OpenSim",
        "dataset/generate_movements.py or proprionet arm tables",
        {
            "lower": Array(("joint",), "float64", "degree", "joint angle at which the tables start"),
            "upper": Array(("joint",), "float64", "degree", "joint angle at which they end"),
            "intervals": Array(("joint",), "int64", "1", "steps of the grid between them"),
            "axes": Array(("group", "axis"), "int64", "1", "joints of each table, -1 where it has fewer than three"),
            "spans": Array(("group", "muscle"), "uint8", "1", "1 for the muscles that a table is about"),
            "coefficients": Array(("coefficient",), "float32", "mm", "of the splines, table after table"),
            "constant": Array(("muscle",), "float64", "mm", "path length in the middle of the grid"),
            "doubtful": Array(("cell",), "uint8", "1", "1 where splines do not follow the muscles, table after table"),
            "shortest": Array(("muscle",), "float64", "mm", "path length at which a curve starts"),
            "longest": Array(("muscle",), "float64", "mm", "path length at which it ends"),
            "curve": Array(("muscle", "knot"), "float64", "mm", "coefficients of the length over path length"),
            "length_rms": Array(("muscle",), "float64", "mm", "root mean square error of length", finite=False),
            "length_max": Array(("muscle",), "float64", "mm", "largest error of length", finite=False),
            "velocity_rms": Array(("muscle",), "float64", "mm/s", "root mean square error of velocity", finite=False),
            "velocity_max": Array(("muscle",), "float64", "mm/s", "largest error of velocity", finite=False),
        },
        {"joint_names": list, "muscle_names": list, "length_kind": str, "n_movements": int, "n_samples": int},
    ),
    Kind(
        "movements",
        "movements of the arm: hand, joints and muscles, one movement after another",
        "dataset/generate_movements.py",
        {
            "hand": Array(("sample", "axis"), "float32", "cm", "hand position, world frame", optional=True),
            "joints": Array(("sample", "joint"), "float32", "degree", "joint angles"),
            "muscle_length": Array(("sample", "muscle"), "float32", "mm", "muscle lengths", optional=True),
            "offsets": Array(("boundary",), "int64", "1", "movement i is rows offsets[i]:offsets[i + 1]"),
            "target": Array(("movement", "axis"), "float32", "cm", "where the hand is to go", optional=True),
            "index": Array(("movement",), "int64", "1", "number of the movement in its set"),
            **latents("movement"),
            "tracing_error": Array(("movement",), "float32", "cm", "summed distance of the hand from its target"),
            "joint_jerk": Array(("movement",), "float32", "degree/sample^3", "norm of the third difference"),
            "muscle_jerk": Array(("movement",), "float32", "mm/sample^3", "norm of the third difference"),
            **_TABLES,
        },
        {**_ARM, "rejections": dict, "shard": str},
        version=2,
    ),
    Kind(
        "dataset",
        "movements padded to one length and split",
        "dataset/make_dataset.py",
        {
            "hand": Array(("movement", "axis", "time"), "float32", "cm", "hand position, world frame", optional=True),
            "joints": Array(("movement", "joint", "time"), "float32", "degree", "joint angles"),
            "muscle_length": Array(("movement", "muscle", "time"), "float32", "mm", "muscle lengths", optional=True),
            "torque": Array(("movement", "joint", "time"), "float32", "N m", "torque at each joint", optional=True),
            "target": Array(("movement", "axis"), "float32", "cm", "where the hand is to go", optional=True),
            "index": Array(("movement",), "int64", "1", "number of the movement in its set"),
            **latents("movement"),
            "first": Array(("movement",), "int64", "1", "first time step of the movement itself"),
            "n_samples": Array(("movement",), "int64", "1", "time steps of the movement itself"),
            "split": Array(("movement",), "uint8", "1", "0 train, 1 validation, 2 test"),
            **STATISTICS,
            **_TABLES,
        },
        {**_ARM, "spindle": dict, "split_by": str},
        version=3,
    ),
)
