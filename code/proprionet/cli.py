"""What every stage script shares: options, settings, progress, provenance, and the style of errors."""

import contextlib
import functools
import json
import os
import shutil
import signal
import sys
import threading
import time
import types
import typing
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, TypeVar

import click

from proprionet.config import Experiment, Section, check, load
from proprionet.errors import InputError, sentence

Item = TypeVar("Item")


class Run:
    """One call of a stage: its settings (some of them ``unused``), where it writes, and how it speaks to the user."""

    def __init__(
        self,
        settings: Section,
        options: Mapping[str, Any],
        inputs: list[Path],
        kind: str,
        unused: frozenset[str] = frozenset(),
    ):
        self.settings: Any = settings
        self._unused = unused
        self.seed: int = options["seed"]
        self.jobs: int = options["jobs"]
        self.out = Path(options["out"])
        self.inputs = inputs
        self.kind = kind
        self._quiet: bool = options["quiet"]
        self._dry: bool = options["dry_run"]
        self._started = time.monotonic()
        self._headline: dict[str, dict[str, Any]] = {}

    @property
    def recipe(self) -> dict[str, Any]:
        """The settings in use as plain values, as they are stored in every file; a file stands by its name alone."""
        values = self.settings.model_dump(exclude=set(self._unused))
        return json.loads(json.dumps(values, default=lambda value: Path(value).name))

    @property
    def parts(self) -> Path:
        """Folder beside the result for the pieces of a long step; it is removed when the result is whole."""
        return self.out.with_name(f"{self.out.name}.parts")

    @property
    def _checkpoint(self) -> Path:
        return self.parts / "checkpoint.h5"

    @functools.cached_property
    def _input_hashes(self) -> dict[str, str]:
        from proprionet import store

        return store.input_hashes(self.inputs)

    def up_to_date(self, path: Path, kind: str | None = None) -> bool:
        """Whether ``path`` was made from the same inputs, settings and seed by this version of the package.

        Raises
        ------
        StoreError
            If the file is there but broken.
        """
        return path.exists() and not self.changes(path, kind)

    def changes(self, path: Path, kind: str | None = None) -> list[str]:
        """What is another than when a file was made: names of settings, "seed", "inputs", "kind", "package_version"."""
        import proprionet
        from proprionet import store

        with store.read(path) as file:
            made = file.attributes()
        origin = {"kind": kind or self.kind, "inputs": self._input_hashes, "package_version": proprionet.__version__}
        now = {**self.recipe, "seed": self.seed, **origin}
        settings = made.get("settings")
        before = {
            **(settings if isinstance(settings, dict) else {}),
            **{name: made.get(name) for name in ("seed", *origin)},
        }
        return [name for name in (now | before) if now.get(name, ...) != before.get(name, ...)]

    def unfinished(self, path: Path, kind: str | None = None) -> bool:
        """Whether a piece of this command, killed before its end, is there.

        Raises
        ------
        InputError
            If the piece is of another command, or broken; it is left alone.
        """
        if not path.exists():
            return False
        try:
            changes = self.changes(path, kind)
        except InputError as error:
            why = str(error).rstrip(".")
            raise InputError(f"{self.parts}: is of a run that was stopped; {why}; remove it to start anew") from None
        if changes:
            raise InputError(
                f"{self.parts}: is of a run that was stopped and had other inputs or settings ({_listed(changes)}); "
                "remove it, go on with those, or choose another --out"
            )
        return True

    def last_checkpoint(self) -> tuple[dict[str, Any] | None, int]:
        """State of an interrupted training, if there is one, and the threads to use: its own, for the last bits."""
        from proprionet import store

        if not self.unfinished(self._checkpoint, "checkpoint"):
            return None, self.jobs
        with store.read(self._checkpoint, "checkpoint") as file:
            return file.family("state"), file.attribute("threads")

    def save_checkpoint(self, state: Mapping[str, Any], threads: int) -> None:
        """Save the state of a training as named arrays, for :meth:`last_checkpoint` of the same command."""
        with self.write(self._checkpoint, "checkpoint") as file:
            for name, values in state.items():
                file.write(f"state/{name}", values)
            file.set(threads=threads)

    @contextlib.contextmanager
    def write(self, path: Path | None = None, kind: str | None = None) -> Iterator[Any]:
        """Write the result, or ``path``, with the provenance of this run; see :func:`proprionet.store.create`."""
        from proprionet import store

        path, kind = path or self.out, kind or self.kind
        with store.create(path, kind, settings=self.recipe, seed=self.seed, inputs=self._input_hashes) as file:
            yield file
            file.set(headline=self._headline, elapsed_s=round(time.monotonic() - self._started, 3))

    def in_pieces(
        self,
        load: Callable[[], Any],
        make: Callable[[Any, Any], Any],
        work: Sequence[Any],
        save: Callable[[Any, Any], None],
        about: str,
    ) -> list[Path]:
        """Do long work in pieces, each in a file of this stage's kind until the result is whole.

        ``load``, ``make`` and ``work`` are as in :func:`proprionet.workers.run`; ``save(file, result)`` writes one
        result. A run that was killed goes on from the pieces that are there. Returns their files, in order.
        """
        from proprionet import workers

        parts = [self.parts / f"piece-{index:06d}.h5" for index in range(len(work))]
        missing = [index for index, part in enumerate(parts) if not self.unfinished(part)]
        if len(missing) < len(parts):
            self.say(f"going on: {len(parts) - len(missing)} of {len(parts)} pieces are there")
        done = workers.run(load, make, [work[index] for index in missing], self.jobs)
        for index, result in self.progress(done, total=len(missing), about=about):
            with self.write(parts[missing[index]]) as file:
                save(file, result)
        return parts

    def ready(self) -> None:
        """Inputs and settings fit: a dry run says what would be made of them, and ends here."""
        if self._dry:
            _plan(self)
            raise click.exceptions.Exit

    def headline(self, name: str, value: float, unit: str, **more: Any) -> None:
        """A number that a reader would quote; stored in the result and gathered by the report."""
        self._headline[name] = {"value": float(value), "unit": unit, **more}

    def progress(self, items: Iterable[Item], *, total: int | None = None, about: str) -> Iterator[Item]:
        """Go through ``items`` with a progress bar and an estimate of the time left, on standard error."""
        from proprionet.progress import track

        return track(items, total=total, about=about, quiet=self._quiet)

    def say(self, text: str) -> None:
        """One line for the user, on standard error."""
        if not self._quiet:
            click.echo(text, err=True)

    def say_size(self, what: str, n_bytes: float) -> None:
        """What is worked on, and about how much memory that takes."""
        size = f"{n_bytes / 1e9:.1f} GB" if n_bytes >= 1e9 else f"{max(n_bytes / 1e6, 1):.0f} MB"
        self.say(f"{what}; needs about {size} of memory")

    def done(self, next_step: str | None = None) -> None:
        """Say what was made and what comes next; the pieces that it was made of are not needed any more."""
        shutil.rmtree(self.parts, ignore_errors=True)
        numbers = ", ".join(_spoken(name, **item) for name, item in self._headline.items())
        self.say(f"{self.out}: done in {time.monotonic() - self._started:.1f} s{'; ' if numbers else ''}{numbers}")
        if next_step:
            self.say(f"next: {next_step}")


def _listed(changes: Sequence[str]) -> str:
    return ", ".join(changes[:4]) + (", ..." if len(changes) > 4 else "")


def _spoken(name: str, value: float, unit: str, **_: Any) -> str:
    """A number, whole or to four digits, with its unit unless it has none or its name ends with that."""
    number = f"{value:.0f}" if value == int(value) else f"{value:.4g}"
    return f"{name} {number}" if unit in ("1", name.split("_")[-1]) else f"{name} {number} {unit}"


class InputFile(click.Path):
    """An existing file of one kind, checked before anything runs."""

    def __init__(self, kind: str | None = None):
        super().__init__(path_type=Path)
        self.kind = kind

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Path:
        path = Path(value)
        with explained(debug=ctx is not None and ctx.params.get("debug", False)):
            if self.kind is None:
                _check_file(path)
            else:
                from proprionet import store

                with store.read(path, self.kind):
                    pass
        return path


def _check_file(path: Path) -> None:
    if not path.is_file():
        raise InputError(f"{path}: {'is a folder' if path.is_dir() else 'does not exist'}, expected a file")


class _Stage(click.Command):
    """A command that answers a bad option with one sentence, without its usage."""

    def make_context(self, *args: Any, **more: Any) -> click.Context:
        try:
            return super().make_context(*args, **more)
        except click.MissingParameter:
            raise
        except click.UsageError as error:
            error.ctx = None
            raise


def stage(
    *sections: str,
    kind: str,
    unseen: tuple[str, ...] = (),
    unseen_for: str | None = None,
    looks_first: bool = False,
) -> Callable[[Callable[..., None]], click.Command]:
    """Make a function a stage script: ``function(run, **arguments)``.

    Adds the shared options, one option for each setting of the named sections of the experiment, and the error style.
    Settings of ``unseen`` sections have no options: they come from the experiment alone, and count only where the
    setting ``unseen_for`` (if there is one) is on.
    Settings come from the defaults, then ``--config``, then options. The result goes to ``--out``, by default to
    ``results/EXPERIMENT/KIND.h5``. A result that is up to date is left alone; one that was made from something else
    is never overwritten silently. A stage that ``looks_first`` is called in a dry run, too, up to ``run.ready()``.
    """

    def decorate(function: Callable[..., None]) -> click.Command:
        every = (*sections, *unseen)
        models = [typing.cast(type[Section], Experiment.model_fields[section].annotation) for section in every]
        model = type("Settings", tuple(models), {"__doc__": "Settings of one stage."})
        if len(model.model_fields) < sum(len(part.model_fields) for part in models):
            raise TypeError(f"the sections {', '.join(every)} share the name of a setting")
        hidden = [name for part in models[len(sections) :] for name in part.model_fields]

        @functools.wraps(function)
        def command(**values: Any) -> None:
            common = {name: values.pop(name) for name in ("config", "out", "seed", "jobs", "quiet", "debug", "dry_run")}
            chosen = {name: values.pop(name) for name in model.model_fields if name in values}
            with explained(debug=common["debug"]), _terminated_like_interrupted():
                from proprionet import store

                experiment = load(common["config"])
                settings = _merge(model, [getattr(experiment, section) for section in every], chosen)
                common["seed"] = experiment.seed if common["seed"] is None else common["seed"]
                common["out"] = common["out"] or Path("results") / experiment.name / f"{kind}.h5"
                needed = unseen_for is None or getattr(settings, unseen_for)
                unused = frozenset() if needed else frozenset(hidden)
                inputs = [*_paths(values), *_paths(settings.model_dump(exclude=set(unused)))]
                for path in inputs:
                    _check_file(path)
                run = Run(settings, common, inputs, kind, unused)
                if common["dry_run"]:
                    if looks_first:
                        function(run, **values)
                    run.ready()
                elif run.up_to_date(run.out):
                    shutil.rmtree(run.parts, ignore_errors=True)  # there if the run was killed when all was done
                    run.say(f"{run.out}: already made from the same inputs and settings, nothing to do")
                elif any(run.out.resolve() == path.resolve() for path in inputs):
                    raise InputError(f"{run.out}: is one of the inputs; choose another --out")
                elif run.out.exists():
                    raise InputError(
                        f"{run.out}: was made from other inputs or settings ({_listed(run.changes(run.out))}); "
                        "remove it or choose another --out"
                    )
                else:
                    with store.locked(run.out):
                        if run.out.exists():
                            raise InputError(f"{run.out}: was made by another process meanwhile and is left as it is")
                        function(run, **values)

        script = shared_options(command)
        visible = [option for part in models[: len(sections)] for option in _setting_options(part)]
        for option in reversed(visible):
            script = option(script)
        return click.command(cls=_Stage, context_settings={"max_content_width": 120})(script)

    return decorate


def _paths(value: Any) -> list[Path]:
    """Every path in the arguments or settings of a stage: they are its inputs."""
    if isinstance(value, Path):
        return [value]
    if isinstance(value, Mapping):
        return _paths(list(value.values()))
    return [path for item in value for path in _paths(item)] if isinstance(value, tuple | list) else []


_SHARED = [
    click.option("--config", type=click.Path(path_type=Path), help="Experiment (YAML) to take the settings from."),
    click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="File to write."),
    click.option(
        "--seed", type=click.IntRange(0, (1 << 63) - 1), help="Seed of all randomness  [default: the experiment's]"
    ),
    click.option(
        "--jobs",
        type=click.IntRange(min=1),
        default=os.cpu_count() or 1,
        show_default="cores",
        help="Processes or threads to use.",
    ),
    click.option("--quiet", is_flag=True, help="No progress and no messages but errors."),
    click.option("--debug", is_flag=True, is_eager=True, help="Show the traceback of an error."),
    click.option("--dry-run", is_flag=True, help="Say what would be done and stop."),
]


def shared_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the options that every script has."""
    for option in reversed(_SHARED):
        command = option(command)
    return command


def _setting_options(model: type[Section]) -> list[Callable[..., Any]]:
    """One command-line option for each plain setting; unset options leave the setting as the experiment has it."""
    options = []
    for name, field in model.model_fields.items():
        kind = _option_type(field.annotation)
        if kind is None:
            continue
        flag = f"--{name.replace('_', '-')}"
        default = field.get_default(call_default_factory=True)
        about = field.description or name
        text = f"{about[0].upper()}{about[1:]}" + ("" if default is None else f"  [default: {default}]")
        if kind is bool:
            options.append(click.option(f"{flag}/--no-{flag[2:]}", name, default=None, help=text))
        else:
            options.append(click.option(flag, name, type=kind, default=None, help=text))
    return options


def _option_type(annotation: Any) -> Any:
    if typing.get_origin(annotation) is typing.Annotated:
        return _option_type(typing.get_args(annotation)[0])
    if typing.get_origin(annotation) is Literal:
        return click.Choice([str(choice) for choice in typing.get_args(annotation)])
    if typing.get_origin(annotation) in (typing.Union, types.UnionType):
        plain = [part for part in typing.get_args(annotation) if part is not type(None)]
        return str if str in plain else _option_type(plain[0]) if len(plain) == 1 else None
    if annotation is Path:
        return InputFile()
    return annotation if annotation in (bool, int, float, str) else None


def _merge(model: type[Section], settings: Iterable[Section], chosen: dict[str, Any]) -> Section:
    """Settings of the experiment's sections together, with the options that were given in their place."""
    values = {name: value for section in settings for name, value in section.model_dump().items()}
    return check(model, {**values, **{name: value for name, value in chosen.items() if value is not None}}, "options")


def _plan(run: Run) -> None:
    made = ", ".join(str(path) for path in run.inputs) or "nothing"
    click.echo(f"would write {run.out} (kind {run.kind}, seed {run.seed}, {run.jobs} jobs) from {made}")
    for name, value in run.recipe.items():
        click.echo(f"  {name}: {value}")
    if run.out.exists():
        click.echo("the file is there already" + ("" if run.up_to_date(run.out) else ", made from something else"))


@contextlib.contextmanager
def _terminated_like_interrupted() -> Iterator[None]:
    """SIGTERM, which clusters send before they kill, ends a stage as Ctrl-C does."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


@contextlib.contextmanager
def explained(*, debug: bool = False) -> Iterator[None]:
    """Turn a user's error into one sentence and exit code 2; ``debug`` shows the traceback instead."""
    try:
        yield
    except KeyboardInterrupt:
        click.echo("Stopped. What is whole is kept; run the same command again to go on.", err=True)
        sys.exit(130)
    except Exception as error:
        said = sentence(error)
        if debug or said is None:
            raise
        click.echo(f"Error: {said}", err=True)
        sys.exit(2)
