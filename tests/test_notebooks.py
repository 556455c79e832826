"""The notebooks of the papers' figures run on a small set, and are stored clean."""

import json
import types

import fake_results as fake
import matplotlib as mpl
import numpy as np
import planted_predictions as planted
import pytest
import stages

from proprionet.plotting import style

NOTEBOOKS = sorted((stages.ROOT / "paper_figures").glob("*.ipynb"))


def draw(figure, folder, name):
    """Draw a figure as if to save it, into empty files."""
    with mpl.rc_context(style.STYLE):
        figure.draw_without_rendering()
    return fake.save_figure(figure, folder, name)


@pytest.fixture
def run(tmp_path_factory, monkeypatch):
    """Run a notebook with some parameters, as papermill does but in this process; the names of what it saved."""
    monkeypatch.setattr(style, "save", draw)
    papermill = pytest.importorskip("papermill", reason="papermill is not installed (pip install -e '.[notebooks]')")
    interactive = pytest.importorskip("IPython.core.interactiveshell")
    shell = interactive.InteractiveShell(user_module=types.ModuleType("notebook"))  # not in place of __main__

    def run(name, **parameters):
        folder = tmp_path_factory.mktemp(name)
        chosen = {key: str(value) for key, value in parameters.items()} | {"figures": str(folder / "figures")}
        notebook = papermill.iorw.load_notebook_node(str(stages.ROOT / "paper_figures" / f"{name}.ipynb"))
        notebook = papermill.parameterize.parameterize_notebook(notebook, chosen)
        shell.reset()
        for cell in notebook.cells:
            if cell.cell_type == "code":
                shell.run_cell(cell.source, silent=True).raise_error()
        return {figure.name for figure in (folder / "figures").iterdir()}

    return run


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """A small set of the tiny arm, as the stages make it."""
    folder = tmp_path_factory.mktemp("small")
    settings = ("--config", stages.experiment(folder))
    letters = stages.make("dataset/write_letters.py", folder / "letters.h5", *settings)
    places = stages.make("dataset/find_start_points.py", folder / "start_points.h5", *settings)
    movements = stages.make("dataset/generate_movements.py", folder / "movements.h5", letters, places, *settings)
    stages.make("dataset/make_dataset.py", folder / "dataset.h5", movements, *settings)
    return folder


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebooks_are_stored_without_outputs_and_take_parameters(path):
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    assert not any(cell.get("outputs") or cell.get("execution_count") for cell in cells)
    (parameters,) = (cell for cell in cells if "parameters" in cell["metadata"].get("tags", []))
    assert any(line.startswith("results = ") for line in parameters["source"])


def test_papermill_runs_a_notebook_and_it_stops_with_one_sentence(tmp_path):
    papermill = pytest.importorskip("papermill", reason="papermill is not installed (pip install -e '.[notebooks]')")
    pytest.importorskip("ipykernel", reason="ipykernel is not installed (pip install -e '.[notebooks]')")
    path = stages.ROOT / "paper_figures" / "cell2024_data_generation.ipynb"
    chosen = {"results": str(tmp_path), "figures": str(tmp_path / "figures")}
    with pytest.raises(papermill.exceptions.PapermillExecutionError) as stopped:
        papermill.execute_notebook(path, tmp_path / path.name, chosen, kernel_name="python3", progress_bar=False)
    assert stopped.value.traceback == [f"Error: {stopped.value.evalue}"]
    assert stopped.value.evalue.startswith(
        f"{tmp_path}/letters.h5: does not exist, expected an HDF5 file. Make it with"
    )


def test_elife_fig2(run, small):
    figures = run("elife2023_fig2", results=small)
    for panel in ("a_letters", "b_pen_over_time", "c_latents", "d_workspace", "e_arm", "f_muscles", "f_spindle_inputs"):
        assert {f"fig2{panel}.pdf", f"fig2{panel}.png"} <= figures
    assert {"fig3a_inputs.pdf", "table1_latents.pdf", "rejections.pdf", "distributions.pdf"} <= figures
    assert figures & {"fig2_video1.gif", "fig2_video1.mp4"}


def test_elife_fig3(run, tmp_path):
    for stage, inputs in ((fake.svm, ("spindle", "hand")), (fake.linear_decoder, ("spindle", "joints"))):
        own, other = (tmp_path / f"{stage.__name__}.h5", tmp_path / stage.__name__ / "other.h5")
        for path, name in zip((own, other), inputs, strict=True):
            stage(path, input=name)
    fake.searched(tmp_path / "search" / "networks")
    made = run("elife2023_fig3", results=tmp_path)
    drawn = ("fig3b_pairs", "fig3b_hard_pairs", "fig3c_classifiers", "fig3c_linear_decoding", "fig3e_depth")
    tables = ("classifiers", "networks", "best_networks", "table2_hyperparameters", "table3_layer_sizes")
    assert {f"{name}.pdf" for name in (*drawn, "fig3s1_parameters")} | {f"{name}.csv" for name in tables} <= made


@pytest.fixture(scope="module")
def compared(tmp_path_factory):
    """Results of networks of three conditions, as the pipeline lays them out."""
    folder = tmp_path_factory.mktemp("compared")
    made = folder / "instances"
    names = ("q90_direction", "uniformity_tad_horizontal", "invariance_mad_horizontal")
    statistics = {name: [0.8, 0.6, 0.4] for name in names}
    for condition in ("action_recognition", "trajectory_decoding", "untrained"):
        about = {"task": condition.replace("untrained", "action_recognition"), "trained": condition != "untrained"}
        name = f"tiny_{condition}_seed7.h5"
        for stage in (fake.rdm, fake.embedding, fake.tuning, fake.decoding):
            stage(made / stage.__name__ / name, **about)
        fake.unit_summary(made / "summaries" / name, statistics=statistics, **about)
    fake.followed_activations(folder / "activations" / "action_recognition.h5")
    fake.tuning(folder / "tuning" / "action_recognition.h5", "action_recognition", True)
    fake.similarity(made / "similarity" / "tiny_seed7_action_recognition-untrained.h5")
    return folder


def test_elife_fig4(run, compared):
    made = run("elife2023_fig4", results=compared)
    maps = {f"fig4b_tiny_{condition}_seed7_letter.pdf" for condition in ("action_recognition", "untrained")}
    panels = ("a_cka", "f_cka", "c_tiny_action_recognition_seed7", "d_pearson", "d_kendall", "e_position_error")
    assert {f"fig4{panel}.pdf" for panel in panels} | maps | {"similarities.csv", "oracle.csv"} <= made


def test_elife_fig5(run, compared):
    made = run("elife2023_fig5", results=compared)
    pair = "action_recognition_trajectory_decoding"
    examples = ("a_action_recognition_temporal0", "b_action_recognition_temporal0")
    panels = (*examples, "cd_tiny", f"e_tiny_{pair}", "f_quantiles", "f_tiny_all_features")
    assert {f"fig5{panel}.pdf" for panel in panels} <= made


def test_elife_fig6(run, compared):
    made = run("elife2023_fig6", results=compared)
    assert {"fig6_tasks.pdf", "fig6s1_recognition.pdf", "fig6s2_decoding.pdf", "decoding.csv"} <= made


def test_elife_fig7(run, compared):
    made = run("elife2023_fig7", results=compared)
    assert {f"fig7{panel}.pdf" for panel in ("bc_tiny_horizontal", "d_uniformity", "e_invariance")} <= made


def test_cell_task_performance(run, tmp_path):
    fake.searched(tmp_path / "networks")
    made = run("cell2024_task_performance", results=tmp_path)
    assert made == {"task_performance.pdf", "task_performance.png", "networks.csv", "tasks.csv"}


def test_cell_predictivity(run, tmp_path):
    prediction, evaluation = tmp_path / "prediction", tmp_path / "evaluation"
    planted.write_zoo(prediction, architectures=3, movements=("active", "passive"), n_neurons=6)
    planted.write_evaluations(evaluation, architectures=3)
    rates = np.random.default_rng(0).poisson(5, size=(6, 50)).astype(float)
    about = {"session": "other", "bin_width_s": 0.05, "example/observed": rates, "example/predicted": rates}
    planted.write_prediction(prediction / "a.h5", np.full((5, 6), 0.2), planted.LAYERS, **about)
    made = run("cell2024_predictivity", results=tmp_path)
    names = ("by_task", "ceilings_Chips_2017-09-13")
    drawn = {f"{name}_{movement}.pdf" for name in names for movement in ("active", "passive")}
    drawn |= {f"{name}.pdf" for name in ("active_and_passive", "trained_against_untrained", "correlations")}
    drawn |= {"best_layers.pdf", "example_neurons_other_active.pdf", "performance_Chips_2017-09-13_active.pdf"}
    assert drawn | {"models.csv", "correlations.csv", "leaderboard.csv"} <= made


def test_cell_data_generation(run, small, shared):
    session = shared / "data" / "s1_area2_chips" / "s1_area2_chips_shared.h5"
    figures = run("cell2024_data_generation", results=small, session=session)
    assert {"workspace.pdf", "arm.pdf", "movement.pdf", "spindle_inputs.pdf", "postures.pdf", "hand.pdf"} <= figures


def test_raw_against_patched(run, shared, tmp_path):
    model = shared / "models" / "MoBL_ARMS_module5_scaleIK.osim"
    letters = stages.make("dataset/write_letters.py", tmp_path / "letters.h5", "--per-letter", 3)
    places = stages.write_places(tmp_path / "start_points.h5")
    options = ("--model", model, "--engine", "exact", "--per-letter", 1)
    stages.make("dataset/generate_movements.py", tmp_path / "movements.h5", letters, places, *options)
    assert {"lengths.pdf", "culprit.pdf"} <= run("raw_against_patched", results=tmp_path, model=model)


def test_ctdb_networks(run, tmp_path):
    for name in ("gru", "node"):
        for kind in (fake.recurrent, fake.latents, fake.fixed_points):
            kind(tmp_path / kind.__name__ / f"{name}.h5")
    fake.reaches(tmp_path / "latents" / "reach.h5")
    fake.dynamics_similarity(tmp_path / "dynamics_similarity" / "flip_flop.h5")
    fake.dynamics_similarity(tmp_path / "letter_networks" / "letters.h5")
    for n_units in (3, 64):
        fake.inferred(tmp_path / "inferred" / f"node_{n_units}.h5", n_units)
    made = run("ctdb_networks", results=tmp_path)
    of_networks = ("learning_flip_flop", "trial_flip_flop", "paths_random_target", "reach_random_target", "eigenvalues")
    compared = ("dynamics_flip_flop", "dynamics_letters", "scree_flip_flop", "aligned_flip_flop")
    fixed = ("fixed_points", "fixed_points_in_state_space", "fixed_points_followed")
    models = ("benchmark", "over_sized")
    assert {f"{name}.pdf" for name in (*of_networks, *compared, *fixed, *models)} | {"benchmark.csv"} <= made
