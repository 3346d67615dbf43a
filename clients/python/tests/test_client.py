"""Run by: python3 -m unittest discover -s clients/python/tests

The golden lines are read by the tests of the JavaScript reader too: what this client writes is what
that one understands. In a golden line, `python` is a call (a name, then its arguments; "NaN" and
the infinities stand for the floats) whose output must be `line`, letter by letter.
"""

import contextlib
import decimal
import io
import json
import math
import os
import pathlib
import sys
import tempfile
import threading
import unittest
import warnings
from unittest import mock

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

import lightex  # noqa: E402

GOLDEN = HERE.parents[2] / "tests" / "golden" / "protocol" / "lines.jsonl"
NOW = 1732400000.1234  # seconds since 1970


class Scalar:
    """What numpy, torch and jax have in common."""

    def __init__(self, value):
        self.value = value

    def item(self):
        if isinstance(self.value, list):
            raise ValueError("can only convert an array of size 1 to a Python scalar")
        return self.value


class ClientTest(unittest.TestCase):
    """In an empty working directory, with a log file, a folder of artifacts, a stopped clock."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name)
        self.log_path, self.artifacts = self.root / "log.jsonl", self.root / "artifacts"
        self.work = self.root / "work"
        self.artifacts.mkdir()
        self.work.mkdir()
        self.addCleanup(os.chdir, os.getcwd())
        os.chdir(self.work)
        environment = {"LIGHTEX_LOG": str(self.log_path), "LIGHTEX_ARTIFACTS": str(self.artifacts)}
        clock = mock.patch("time.time", lambda: NOW)
        for patch in (mock.patch.dict(os.environ, environment), clock):
            patch.start()
            self.addCleanup(patch.stop)
        self.addCleanup(lightex.Run().__exit__)  # closes the file before its folder goes

    def lines(self):
        return self.log_path.read_text("utf-8").splitlines() if self.log_path.exists() else []

    def records(self):
        return [json.loads(line) for line in self.lines()]


def golden_lines():
    return [json.loads(line) for line in GOLDEN.read_text("utf-8").splitlines()]


def perform(call):
    """Makes the call that a golden line describes."""
    name, *arguments = call
    if name.startswith("SummaryWriter."):
        return getattr(lightex.SummaryWriter(), name.split(".")[1])(*arguments)
    if name == "log":
        arguments[0] = {k: float(v) if isinstance(v, str) else v for k, v in arguments[0].items()}
    if name == "log_artifact":
        pathlib.Path(arguments[0]).parent.mkdir(parents=True, exist_ok=True)
        pathlib.Path(arguments[0]).write_text("content")
    return getattr(lightex, name)(*arguments)


class GoldenLines(ClientTest):
    def test_the_client_writes_the_golden_lines(self):
        for golden in (golden for golden in golden_lines() if "python" in golden):
            with self.subTest(golden["name"]):
                before = len(self.lines())

                perform(golden["python"])

                self.assertEqual(self.lines()[before:], [golden["line"]])

    def test_the_client_prints_the_golden_lines_where_there_is_no_log_file(self):
        del os.environ["LIGHTEX_LOG"]
        for golden in (golden for golden in golden_lines() if "python" in golden):
            with self.subTest(golden["name"]), contextlib.redirect_stdout(io.StringIO()) as out:
                perform(golden["python"])

                self.assertEqual(out.getvalue(), "::lightex " + golden["line"] + "\n")

    def test_a_valid_golden_line_holds_its_records_and_nothing_else(self):
        for golden in (golden for golden in golden_lines() if golden["valid"]):
            with self.subTest(golden["name"]):
                self.assertEqual(json.loads(golden["line"]), golden["records"])

    def test_golden_names_are_unique_and_invalid_lines_give_no_records(self):
        golden = golden_lines()

        self.assertEqual(len({line["name"] for line in golden}), len(golden))
        self.assertTrue(all(line["valid"] or line["records"] == {} for line in golden))


class Numbers(ClientTest):
    def test_what_holds_one_number_is_logged_as_that_number(self):
        lightex.log(
            {
                "bool": True,
                "item": Scalar(0.5),
                "whole": Scalar(3),
                "decimal": decimal.Decimal("0.25"),
                "nan": Scalar(math.nan),
            },
            step=Scalar(2),
        )

        metrics = {"bool": 1, "item": 0.5, "whole": 3, "decimal": 0.25, "nan": "NaN"}
        self.assertEqual(self.records(), [{"metrics": metrics, "step": 2, "t": 1732400000.123}])

    def test_what_is_not_one_number_is_refused_by_name_and_nothing_is_logged(self):
        for value in ("0.41", None, [0.41], {"a": 1}, 1j, object(), Scalar([1, 2]), 10**400):
            with self.subTest(repr(value)[:20]):
                with self.assertRaisesRegex(TypeError, "'val/loss' is .*not one number"):
                    lightex.log({"fine": 1, "val/loss": value}, step=1)

        self.assertEqual(self.lines(), [])

    def test_a_metric_has_a_name(self):
        for key in (3, "", None):
            with self.subTest(repr(key)), self.assertRaisesRegex(TypeError, "name of a metric"):
                lightex.log({key: 1})

    def test_a_step_is_a_whole_number(self):
        lightex.log({"loss": 1}, step=3.0)
        for step in (1.5, "3", math.nan):
            with self.subTest(step), self.assertRaisesRegex(TypeError, "'step' is"):
                lightex.log({"loss": 1}, step=step)

        self.assertEqual([record["step"] for record in self.records()], [3])

    def test_no_metrics_write_no_line(self):
        lightex.log({}, step=1)

        self.assertEqual(self.lines(), [])

    def test_progress_is_a_fraction(self):
        for fraction in (-0.1, 40, math.nan):
            with self.subTest(fraction), self.assertRaisesRegex(ValueError, "from 0 to 1"):
                lightex.progress(fraction)


class Parameters(ClientTest):
    def test_paths_tuples_and_scalars_inside_parameters_become_json(self):
        lightex.log_params({"out": pathlib.PurePosixPath("a/b"), "m": {"w": (Scalar(1), math.inf)}})

        self.assertEqual(self.records(), [{"params": {"out": "a/b", "m": {"w": [1, "Infinity"]}}}])

    def test_what_json_does_not_have_is_refused_by_its_place(self):
        with self.assertRaisesRegex(TypeError, r"the parameter 'model.layers\[1\]' is"):
            lightex.log_params({"model": {"layers": [1, object()]}})

    def test_a_tag_has_no_parts(self):
        lightex.set_tags({"stage": "warm-up", "fold": Scalar(3)})
        for value in (None, ["a"], {"a": 1}, object()):
            with self.subTest(repr(value)[:9]), self.assertRaisesRegex(TypeError, "the tag 'x' is"):
                lightex.set_tags({"x": value})

        self.assertEqual(self.records(), [{"tags": {"stage": "warm-up", "fold": 3}}])

    def test_the_trials_parameters_are_read_from_their_file(self):
        path = self.root / "params.json"
        path.write_text('{"lr": 0.1, "model": {"hidden": 8}}')
        os.environ["LIGHTEX_PARAMS"] = str(path)

        self.assertEqual(lightex.params(), {"lr": 0.1, "model": {"hidden": 8}})

    def test_there_are_no_parameters_outside_a_run(self):
        os.environ.pop("LIGHTEX_PARAMS", None)

        self.assertEqual(lightex.params(), {})


class Artifacts(ClientTest):
    def test_a_file_of_the_working_directory_is_copied_under_its_path(self):
        (self.work / "outputs").mkdir()
        (self.work / "outputs" / "model.bin").write_text("weights")

        kept = lightex.log_artifact(pathlib.Path("outputs/model.bin"), type="model")

        self.assertEqual(kept, "outputs/model.bin")
        self.assertEqual((self.artifacts / "outputs" / "model.bin").read_text(), "weights")

    def test_a_file_from_elsewhere_is_copied_under_its_own_name(self):
        (self.root / "elsewhere.bin").write_text("weights")

        lightex.log_artifact(self.root / "elsewhere.bin")

        self.assertEqual(self.records(), [{"artifact": {"path": "elsewhere.bin"}}])
        self.assertEqual((self.artifacts / "elsewhere.bin").read_text(), "weights")

    def test_a_file_among_the_artifacts_is_only_logged(self):
        (self.artifacts / "best").mkdir()
        (self.artifacts / "best" / "model.bin").write_text("weights")

        lightex.log_artifact(self.artifacts / "best" / "model.bin", step=4)

        self.assertEqual(self.records(), [{"artifact": {"path": "best/model.bin", "step": 4}}])
        self.assertEqual([path.name for path in self.artifacts.iterdir()], ["best"])

    def test_a_folder_or_a_missing_file_is_refused(self):
        for path, why in ((self.root, "a folder"), ("missing.bin", "not there")):
            with self.subTest(why), self.assertRaisesRegex(FileNotFoundError, why):
                lightex.log_artifact(path)

        self.assertEqual(self.lines(), [])


class Writing(ClientTest):
    def test_lines_of_many_threads_do_not_mix(self):
        def work(name):
            for step in range(200):
                lightex.log({name * 50: step}, step)

        threads = [threading.Thread(target=work, args=(name,)) for name in "abcdefgh"]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        self.assertEqual(len(self.records()), 8 * 200)

    @unittest.skipUnless(hasattr(os, "fork"), "needs fork")
    def test_lines_of_many_processes_do_not_mix(self):
        lightex.log({"parent": 1})
        children = []
        for name in "abcd":
            child = os.fork()
            if child == 0:
                for step in range(200):
                    lightex.log({name * 500: step}, step)
                os._exit(0)
            children.append(child)

        self.assertEqual([os.waitpid(child, 0)[1] for child in children], [0] * 4)
        self.assertEqual(len(self.records()), 1 + 4 * 200)

    def test_lines_go_to_the_file_that_is_named_now(self):
        lightex.log({"first": 1})
        os.environ["LIGHTEX_LOG"] = str(self.root / "other.jsonl")
        lightex.log({"second": 2})

        self.assertEqual([list(record["metrics"]) for record in self.records()], [["first"]])
        self.assertIn("second", (self.root / "other.jsonl").read_text())

    def test_a_run_is_a_context_and_lets_exceptions_pass(self):
        with self.assertRaises(KeyError), lightex.run() as run:
            run.log({"loss": 1}, step=1)
            raise KeyError("of the program's own")
        lightex.log({"loss": 2}, step=2)  # the file opens again

        self.assertEqual([record["step"] for record in self.records()], [1, 2])


class TensorBoard(ClientTest):
    def test_hyper_parameters_come_with_their_metrics(self):
        with lightex.SummaryWriter("runs/one", comment="x", flush_secs=10) as writer:
            writer.add_hparams({"lr": 0.1}, {"hparam/loss": 0.5})
            writer.flush()

        params, metrics = self.records()
        self.assertEqual(params, {"params": {"lr": 0.1}})
        self.assertEqual(metrics["metrics"], {"hparam/loss": 0.5})

    def test_the_arguments_may_be_given_by_torchs_names(self):
        lightex.SummaryWriter().add_scalar("a", scalar_value=1, global_step=2, walltime=3.5)

        self.assertEqual(self.records(), [{"metrics": {"a": 1}, "step": 2, "t": 3.5}])

    def test_what_is_no_number_is_ignored_with_one_warning(self):
        writer = lightex.SummaryWriter()

        with warnings.catch_warnings(record=True) as seen:
            warnings.simplefilter("always")
            writer.add_image("image", object(), 1)
            writer.add_image("image", object(), 2)

        messages = [str(warning.message) for warning in seen]
        self.assertEqual(messages, ["lightex logs no add_image(): ignored"])
        self.assertEqual(self.lines(), [])
        self.assertRaises(AttributeError, lambda: writer.nonsense)


if __name__ == "__main__":
    unittest.main()
