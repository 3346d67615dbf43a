"""Logs what a run measures to LightEx. One file, standard library only, Python 3.8 or newer.

    import lightex

    lr = lightex.params().get("lr", 0.1)
    for step in range(100):
        lightex.log({"train/loss": loss, "val/accuracy": accuracy}, step=step)
    lightex.log_artifact("model.bin", type="model")

Each call writes one line of JSON to the file that ``$LIGHTEX_LOG`` names, at once and with a
single write, so that threads and processes may log at the same time. Without that variable the
line is printed to standard output as ``::lightex {...}``: the program runs without LightEx too.

You may copy this file into your project instead of installing it.
"""

from __future__ import annotations

import json
import math
import operator
import os
import shutil
import sys
import threading
import time
import warnings
from typing import Any, Dict, Mapping, Optional, Set, Union

__version__ = "0.1.0"
__all__ = [
    "Run",
    "SummaryWriter",
    "log",
    "log_artifact",
    "log_params",
    "params",
    "progress",
    "run",
    "set_tags",
    "summary",
]

_PathLike = Union[str, "os.PathLike[str]"]


def log(metrics: Mapping[str, Any], step: Optional[int] = None) -> None:
    """Logs numbers by name: ``log({"val/loss": 0.41}, step=3)``.

    metrics: int, float, bool (1 or 0), or anything that holds one number (a numpy or torch scalar).
        NaN and infinities are kept.
    step: a whole number, your own count of epochs or batches. Without one it is the number of
        earlier points of that metric.

    Raises TypeError, naming the metric, for a value that is not a number; nothing is logged then.
    """
    _log_at(metrics, step, None)


def log_params(params: Mapping[str, Any]) -> None:
    """Logs parameters that the program decided itself: any JSON, nested.

    Those that the experiment declares are known already.
    """
    _write({"params": _plain_object("parameter", params)})


def set_tags(tags: Mapping[str, Any]) -> None:
    """Sets words about the run, to find it by: ``set_tags({"stage": "warm-up"})``.

    A number or bool is kept as its text; TypeError for anything that has parts.
    """
    plain = _plain_object("tag", tags)
    for key, value in plain.items():
        if value is None or isinstance(value, (dict, list)):
            raise TypeError("the tag {!r} is {}, which is not text".format(key, _shown(value)))
    _write({"tags": plain})


def summary(values: Mapping[str, Any]) -> None:
    """Logs results that have no curve, such as a test score: any JSON."""
    _write({"summary": _plain_object("summary value", values)})


def progress(fraction: Any) -> None:
    """Says how much of the work is done: a fraction from 0 to 1, not a percentage."""
    done = _number("progress", fraction)
    if not 0 <= done <= 1:
        raise ValueError("progress is a fraction from 0 to 1, not {!r}".format(fraction))
    _write({"progress": done})


def log_artifact(
    path: _PathLike,
    type: Optional[str] = None,
    name: Optional[str] = None,
    step: Optional[int] = None,
) -> str:
    """Keeps a file with the run, and gives back its path in the folder of artifacts.

    A file outside ``$LIGHTEX_ARTIFACTS`` is copied into it: under its path from the working
    directory when it lies there, else under its own name. A file of that path is replaced.
    Without the variable nothing is copied, only logged.

    type: what it is, in your own word: "model", "figure", "dataset".
    name: what it is called among the run's artifacts, such as "best".
    """
    kept = _keep(os.fspath(path))
    artifact: Dict[str, Any] = {"path": kept}
    if type is not None:
        artifact["type"] = str(type)
    if name is not None:
        artifact["name"] = str(name)
    if step is not None:
        artifact["step"] = _whole("step", step)
    _write({"artifact": artifact})
    return kept


def params() -> Dict[str, Any]:
    """The trial's parameters as a nested dict, from the file ``$LIGHTEX_PARAMS``; else ``{}``."""
    path = os.environ.get("LIGHTEX_PARAMS")
    if not path:
        return {}
    with open(path, encoding="utf-8") as file:
        return json.load(file)


class Run:
    """The functions of this module as methods, for ``with lightex.run() as run: run.log(...)``.

    Leaving the block closes the log file; a later call opens it again. Exceptions pass through:
    how a run ended is told by the program's exit code alone.
    """

    log = staticmethod(log)
    log_params = staticmethod(log_params)
    set_tags = staticmethod(set_tags)
    summary = staticmethod(summary)
    progress = staticmethod(progress)
    log_artifact = staticmethod(log_artifact)
    params = staticmethod(params)

    def __enter__(self) -> Run:
        return self

    def __exit__(self, *exception: Any) -> None:
        _log_file.close()


def run() -> Run:
    """The run that this program is, as a context manager."""
    return Run()


class SummaryWriter:
    """Takes the place of ``torch.utils.tensorboard.SummaryWriter`` for numbers and parameters.

    Tags become metrics of that name. What the constructor is given is ignored: the lines go where
    those of ``lightex.log`` go. Methods that log no numbers (``add_image``, ``add_histogram``, …)
    do nothing but warn, once each.
    """

    def __init__(self, log_dir: Optional[_PathLike] = None, *args: Any, **options: Any) -> None:
        self.log_dir = log_dir
        self._ignored: Set[str] = set()

    def add_scalar(
        self,
        tag: str,
        scalar_value: Any,
        global_step: Optional[int] = None,
        walltime: Optional[float] = None,
        *args: Any,
        **options: Any,
    ) -> None:
        """Logs one number. walltime: seconds since 1970, default now."""
        _log_at({tag: scalar_value}, global_step, walltime)

    def add_scalars(
        self,
        main_tag: str,
        tag_scalar_dict: Mapping[str, Any],
        global_step: Optional[int] = None,
        walltime: Optional[float] = None,
    ) -> None:
        """Logs several numbers, each as ``main_tag/tag``. walltime: seconds since 1970."""
        metrics = {main_tag + "/" + tag: value for tag, value in tag_scalar_dict.items()}
        _log_at(metrics, global_step, walltime)

    def add_hparams(
        self,
        hparam_dict: Mapping[str, Any],
        metric_dict: Mapping[str, Any],
        hparam_domain_discrete: Any = None,
        run_name: Optional[str] = None,
        global_step: Optional[int] = None,
    ) -> None:
        """Logs parameters, and the numbers that they led to as metrics."""
        log_params(hparam_dict)
        _log_at(metric_dict, global_step, None)

    def get_logdir(self) -> Optional[_PathLike]:
        return self.log_dir

    def flush(self) -> None:
        """Does nothing: every line is written at once."""

    def close(self) -> None:
        """Closes the log file; a later call opens it again."""
        _log_file.close()

    def __enter__(self) -> SummaryWriter:
        return self

    def __exit__(self, *exception: Any) -> None:
        self.close()

    def __getattr__(self, method: str) -> Any:
        if not method.startswith("add_"):
            raise AttributeError("SummaryWriter has no attribute {!r}".format(method))

        def ignore(*args: Any, **options: Any) -> None:
            if method not in self._ignored:
                self._ignored.add(method)
                warnings.warn("lightex logs no {}(): ignored".format(method), stacklevel=2)

        return ignore


def _log_at(metrics: Mapping[str, Any], step: Any, seconds: Optional[float]) -> None:
    if not metrics:
        return
    record: Dict[str, Any] = {
        "metrics": {_key("metric", key): _finite(_number(key, v)) for key, v in metrics.items()}
    }
    if step is not None:
        record["step"] = _whole("step", step)
    record["t"] = round(time.time() if seconds is None else float(seconds), 3)
    _write(record)


def _key(kind: str, key: Any) -> str:
    if not isinstance(key, str) or not key:
        raise TypeError("the name of a {} is text, not {!r}".format(kind, key))
    return key


def _number(key: Any, value: Any) -> Union[int, float]:
    """The value as an int or float; `key` is for the error."""
    if not isinstance(value, (str, bytes, bytearray)):
        try:
            item = value.item() if hasattr(value, "item") else value
            number = float(item)
            return int(item) if isinstance(item, int) else number
        except (TypeError, ValueError, RuntimeError, OverflowError):
            pass  # None, an array, a complex number, an int beyond any float: said below
    raise TypeError("{!r} is {}, which is not one number".format(key, _shown(value)))


def _whole(key: str, value: Any) -> int:
    try:
        return operator.index(value)
    except TypeError:
        number = _number(key, value)
    if not math.isfinite(number) or number != int(number):
        raise TypeError("{!r} is {}, which is not a whole number".format(key, _shown(value)))
    return int(number)


def _shown(value: Any) -> str:
    text = repr(value)
    return "{} ({})".format(text if len(text) <= 60 else text[:57] + "...", type(value).__name__)


def _finite(number: Union[int, float]) -> Union[int, float, str]:
    """The number as JSON takes it: NaN and infinities as text."""
    if math.isfinite(number):
        return number
    return "NaN" if math.isnan(number) else "Infinity" if number > 0 else "-Infinity"


def _plain_object(kind: str, values: Mapping[str, Any]) -> Dict[str, Any]:
    return {_key(kind, key): _plain(kind, key, value) for key, value in values.items()}


def _plain(kind: str, key: str, value: Any) -> Any:
    """The value as JSON: containers by contents, paths as text, numbers of numpy as Python's."""
    if value is None or isinstance(value, (str, bool)):
        return value
    if isinstance(value, os.PathLike):
        return os.fspath(value)
    if isinstance(value, Mapping):
        inner = value.items()
        return {_key(kind, k): _plain(kind, "{}.{}".format(key, k), v) for k, v in inner}
    if isinstance(value, (list, tuple)):
        return [_plain(kind, "{}[{}]".format(key, i), v) for i, v in enumerate(value)]
    try:
        return _finite(_number(key, value))
    except TypeError:
        message = "the {} {!r} is {}, which JSON does not have"
        raise TypeError(message.format(kind, key, _shown(value))) from None


def _keep(path: str) -> str:
    """Copies the file into the folder of artifacts unless it is there; its path in that folder."""
    if not os.path.isfile(path):
        what = "a folder: log its files one by one" if os.path.isdir(path) else "not there"
        raise FileNotFoundError("the artifact {!r} is {}".format(path, what))
    folder = os.environ.get("LIGHTEX_ARTIFACTS")
    if not folder:
        return path.replace(os.sep, "/")
    inside = _path_within(folder, path)
    if inside is None:
        inside = _path_within(os.getcwd(), path) or os.path.basename(path)
        target = os.path.join(folder, inside)
        os.makedirs(os.path.dirname(target), exist_ok=True)
        shutil.copy2(path, target)
    return inside.replace(os.sep, "/")


def _path_within(folder: str, path: str) -> Optional[str]:
    """The file's path from the folder, None outside it; a link counts where it is, not points."""
    root, parent = os.path.realpath(folder), os.path.realpath(os.path.dirname(path) or ".")
    file = os.path.join(parent, os.path.basename(path))
    return os.path.relpath(file, root) if file.startswith(os.path.join(root, "")) else None


class _LogFile:
    """The open log file; opened anew when ``$LIGHTEX_LOG`` names another."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._path: Optional[str] = None
        self._fd = -1

    def append(self, path: str, line: bytes) -> None:
        with self._lock:
            if path != self._path:
                self._close()
                self._fd = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o666)
                self._path = path
            # One write a line: the system appends it whole, whoever else is writing. Only when a
            # disk is full or a signal cuts it short is there a rest.
            rest = line[os.write(self._fd, line) :]
            while rest:
                rest = rest[os.write(self._fd, rest) :]

    def close(self) -> None:
        with self._lock:
            self._close()

    def _close(self) -> None:
        if self._path is not None:
            os.close(self._fd)
            self._path = None

    def renew_lock(self) -> None:
        """In a forked child: another thread of the parent may have held the lock."""
        self._lock = threading.Lock()


_log_file = _LogFile()
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_log_file.renew_lock)


def _write(record: Dict[str, Any]) -> None:
    line = json.dumps(record, separators=(",", ":"), allow_nan=False)
    path = os.environ.get("LIGHTEX_LOG")
    if path:
        _log_file.append(path, line.encode("ascii") + b"\n")
    else:
        sys.stdout.write("::lightex " + line + "\n")
        sys.stdout.flush()
