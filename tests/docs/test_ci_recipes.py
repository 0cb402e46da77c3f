"""action.yml, the pre-commit hook and the recipes of docs/ci.md are played, with a client and a service to hold."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click
import pytest

from mockserver import yamlfile
from mockserver.cli.main import commands

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "ci.md").read_text("utf-8")
OURS = "OWNER/bulk-mockserver@REF"
BASH = shutil.which("bash") or ""
SCRIPT = (BASH, "--noprofile", "--norc", "-eo", "pipefail", "-c")  # as GitHub runs a step
API = """\
openapi: 3.1.0
info: {title: Shop, version: "1"}
paths:
  /pets:
    get:
      operationId: listPets
      parameters:
        - {name: limit, in: query, schema: {type: integer, minimum: 1}}
      responses:
        "200":
          description: All pets
          content:
            application/json:
              schema: {type: array, items: {type: object, required: [name], properties: {name: {type: string}}}}
        "400": {description: Refused}
"""
FIXTURE = """\
format: 1
vendor: api
scenarios:
  - name: none-left
    operation: listPets
    then: {respond: {status: 200, body: []}}
"""
CLIENT = """\
import os
import unittest
from urllib.request import urlopen


class Pets(unittest.TestCase):
    def test_they_come(self):
        with urlopen(f"{os.environ['MOCKSERVER_URL']}/pets?limit=3") as answer:
            self.assertEqual(answer.status, 200)
"""
BROKEN = """\
import os
import unittest
from urllib.error import HTTPError
from urllib.request import urlopen


class Pets(unittest.TestCase):
    def test_they_come(self):
        with self.assertRaises(HTTPError) as refused:
            urlopen(f"{os.environ['MOCKSERVER_URL']}/pets?limit=three")
        refused.exception.close()
"""
SERVICE = """\
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit


class Shop(BaseHTTPRequestHandler):
    def do_GET(self):
        limit = parse_qs(urlsplit(self.path).query, keep_blank_values=True).get("limit", ["1"])[0]
        good = limit.isdigit() and int(limit) > 0
        body = b'[{"name": "Rex"}]'
        self.send_response(200 if good else 400)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


ThreadingHTTPServer(("127.0.0.1", 8000), Shop).serve_forever()
"""
PYTHON = """\
#!/bin/sh
case "$1 $2" in
  "-m venv") mkdir -p "$3/bin" && ln -sf "{bin}/python3" "$3/bin/python" && ln -sf "{bin}/mockserver" "$3/bin/" ;;
  "-m pip") echo "$@" >> "{bin}/pip.log" ;;
  *) exec "{python}" "$@" ;;
esac
"""

pytestmark = pytest.mark.skipif(not BASH, reason="bash is missing")


def section(title: str) -> str:
    """The text below a heading of the page."""
    return PAGE.partition(f"\n## {title}\n")[2].partition("\n## ")[0]


def recipe(title: str) -> Any:
    """What the first YAML block below a heading says."""
    found = re.search(r"^```yaml\n(.*?)^```", section(title), re.MULTILINE | re.DOTALL)
    assert found
    return yamlfile.parse(found[1], "recipe.yaml").value


ACTION = yamlfile.read(ROOT / "action.yml").value
WORKFLOW = recipe("GitHub Actions")
HOOK = yamlfile.read(ROOT / ".pre-commit-hooks.yaml").value[0]


class Machine:
    """A runner with a checkout of a small project. Its Python makes no environments and asks no package index."""

    def __init__(self, folder: Path) -> None:
        self.checkout, self.bin = folder / "checkout", folder / "bin"
        self.checkout.mkdir()
        self.bin.mkdir()
        for name, text in {"api.yaml": API, "test_client.py": CLIENT, "service.py": SERVICE}.items():
            (self.checkout / name).write_text(text, "utf-8")
        (self.checkout / "fixtures").mkdir()
        (self.checkout / "fixtures" / "shop.yaml").write_text(FIXTURE, "utf-8")
        self.program("python3", PYTHON.format(bin=self.bin, python=sys.executable))
        self.program("pip", f'#!/bin/sh\nexec "{self.bin}/python3" -m pip "$@"\n')
        self.program("mockserver", f'#!/bin/sh\nexec "{sys.executable}" -W error -m mockserver "$@"\n')
        self.env = {
            **os.environ,
            "PATH": f"{self.bin}{os.pathsep}{os.environ['PATH']}",
            "PYTHONPATH": str(ROOT),
            "RUNNER_TEMP": str(folder / "its own"),
            "GITHUB_ACTION_PATH": str(ROOT),
        }
        self._log = folder / "log"
        self._groups: list[int] = []

    def program(self, name: str, text: str) -> None:
        """Put a program on the path."""
        (self.bin / name).write_text(text, "utf-8")
        (self.bin / name).chmod(0o755)

    @property
    def installed(self) -> list[str]:
        """What pip was asked for."""
        return (self.bin / "pip.log").read_text("utf-8").splitlines()

    def call(self, *words: str, **env: str) -> tuple[int, str]:
        """Exit code and output of a command in the checkout. What it leaves in the background goes on."""
        with self._log.open("w", encoding="utf-8") as log:
            process = subprocess.Popen(
                words, cwd=self.checkout, env={**self.env, **env}, stdin=subprocess.DEVNULL, stdout=log,
                stderr=subprocess.STDOUT, start_new_session=True,
            )  # fmt: skip
            self._groups.append(process.pid)
            code = process.wait(60)
        return code, self._log.read_text("utf-8")

    def use(self, given: Mapping[str, Any]) -> tuple[int, str]:
        """Exit code and output of our action with these inputs: its steps up to the first that fails."""
        inputs = {name: str(given.get(name, one["default"])) for name, one in ACTION["inputs"].items()}
        code, said = 0, ""
        for step in ACTION["runs"]["steps"]:
            env = {name: inputs[only_input(value)] for name, value in step["env"].items()}
            code, said = self.call(*SCRIPT, step["run"], **env)
            if code:
                break
        return code, said

    def play(self, job: str, old: str = "", new: str = "") -> list[tuple[int, str]]:
        """Exit code and output of each step of a job of the workflow that is ours or a script."""
        done = []
        for step in WORKFLOW["jobs"][job]["steps"]:
            if "run" in step:
                done.append(self.call(*SCRIPT, step["run"].replace(old, new)))
            elif step["uses"] == OURS:
                given = {name: str(value).replace(old, new) for name, value in step["with"].items()}
                done.append(self.use(given))
        return done

    def stop(self) -> None:
        """End what was left in the background."""
        for group in self._groups:
            try:
                os.killpg(group, signal.SIGKILL)
            except ProcessLookupError:
                continue


@pytest.fixture
def machine(tmp_path):
    """A runner of its own."""
    made = Machine(tmp_path)
    yield made
    made.stop()


def only_input(value: str) -> str:
    """The input that an expression is: nothing beside it."""
    found = re.fullmatch(r"\$\{\{ inputs\.([a-z-]+) \}\}", value)
    assert found
    return found[1]


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def options(name: str) -> set[str]:
    """The options of one of our commands."""
    command = commands.get_command(click.Context(commands), name)
    assert command is not None
    return {word for one in command.params for word in one.opts if word.startswith("--")}


def test_no_input_of_the_action_is_part_of_a_script() -> None:
    """Each goes through the environment, once; a script holds no expression."""
    steps = ACTION["runs"]["steps"]
    passed = [only_input(value) for step in steps for value in step["env"].values()]

    assert sorted(passed) == sorted(ACTION["inputs"])
    assert [step["run"] for step in steps if "${{" in step["run"]] == []
    assert {step["shell"] for step in steps} == {"bash"}


def test_the_action_gives_only_options_that_there_are() -> None:
    """`run` has each option of the script, and `verify` each that is not about serving."""
    given = set(re.findall(r'^ *add (--[a-z-]+)= "', ACTION["runs"]["steps"][1]["run"], re.MULTILINE))

    assert given - {"--spec"} <= options("run")
    assert given - {"--fixtures"} <= options("verify")
    assert {"--spec", "--fixtures", "--report", "--baseline", "--coverage-fail-under"} == given


def test_the_action_names_no_host() -> None:
    """It is installed from its own checkout, by whatever index the runner's pip is set to."""
    text = (ROOT / "action.yml").read_text("utf-8")

    assert "://" not in text
    assert '"$GITHUB_ACTION_PATH"' in text


def test_every_input_of_the_action_is_on_the_page() -> None:
    """With its default, and no others."""
    rows = dict(re.findall(r"^\| `([a-z-]+)` \| (.*?) \|", section("GitHub Actions"), re.MULTILINE))
    defaults = {name: cell.strip("`") for name, cell in rows.items() if cell.startswith("`")}

    assert list(rows) == list(ACTION["inputs"])
    assert defaults == {name: one["default"] for name, one in ACTION["inputs"].items() if one["default"]}


def test_the_workflow_gives_only_inputs_that_there_are() -> None:
    """GitHub only warns of a misspelt one."""
    given = [step["with"] for job in WORKFLOW["jobs"].values() for step in job["steps"] if step.get("uses") == OURS]

    assert len(given) == 2
    assert {name for one in given for name in one} <= set(ACTION["inputs"])


def test_the_job_of_the_client_is_green_and_leaves_its_reports(machine: Machine) -> None:
    """Installed from the action's checkout; what is uploaded is there."""
    done = machine.play("client")
    upload = WORKFLOW["jobs"]["client"]["steps"][-1]["with"]["path"]

    assert [code for code, _ in done] == [0], done
    assert machine.installed == [f"-m pip install --quiet --disable-pip-version-check {ROOT}"]
    assert sorted(path.name for path in machine.checkout.glob(upload)) == ["report.html", "report.xml"]


def test_a_broken_client_is_annotated_on_the_line_of_the_document(machine: Machine) -> None:
    """The job fails, though the client was content."""
    (machine.checkout / "test_client.py").write_text(BROKEN, "utf-8")

    ((code, said),) = machine.play("client")

    assert code == 1, said
    assert "\nOK\n" in said
    assert re.search(r"^::error file=api\.yaml,line=8,col=\d+,title=E102 ", said, re.MULTILINE), said


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is missing")
def test_the_job_of_the_service_is_green(machine: Machine) -> None:
    """The service is started and waited for by one step, and verified by the next."""
    port = str(free_port())
    (machine.checkout / "service.py").write_text(SERVICE.replace("8000", port), "utf-8")

    done = machine.play("service", "8000", port)

    assert [code for code, _ in done] == [0, 0], done
    assert "mockserver verify: no findings in " in done[1][1]


def test_words_of_a_caller_are_never_code(machine: Machine) -> None:
    """Whatever stands in an input that is no command: it reaches the program as it was written."""
    evil = """$(touch pwned)`touch pwned`; touch pwned #' " && touch pwned $HOME ~ *.yaml"""
    given = {"specs": "a.yaml\n" + evil, "fixtures": evil, "baseline": evil, "reports": evil}
    given |= {"coverage-fail-under": evil, "options": evil}
    machine.program("mockserver", "#!/bin/sh\nprintf '%s\\n' \"$@\"\n")
    named = [f"--{name}={evil}" for name in ("report", "baseline", "coverage-fail-under", "fixtures")]
    bash = ["--", "bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", evil]

    ran = machine.use(given | {"command": evil})
    verified = machine.use(given | {"verify": evil, "specs": evil})

    assert ran == (0, "\n".join(["run", *named, evil, "a.yaml", evil, *bash, ""]))
    assert verified == (0, "\n".join(["verify", *named, evil, f"--spec={evil}", evil, ""]))
    assert not (machine.checkout / "pwned").exists()


def test_a_command_is_a_script_that_ends_where_it_fails(machine: Machine) -> None:
    """Several lines, quotes and all; its exit code is that of the action; the inputs are not in its environment."""
    script = "printf '%s\\n' \"a  b\"\nenv | grep -c MOCKSERVER_WITH_ || true\nfalse | true\necho on\n"

    code, said = machine.use(
        {"command": script, "specs": "shop=api.yaml", "options": "--clock=auto\n\n  --manners\n fail"}
    )

    assert code == 1
    assert said.startswith("a  b\n0\n")
    assert "\non\n" not in said


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({}, "a command to run, or the URL"),
        ({"command": "true", "verify": "http://127.0.0.1:1"}, "not both"),
        ({"verify": "http://127.0.0.1:1"}, "one document"),
        ({"verify": "http://127.0.0.1:1", "specs": "api.yaml\nother.yaml"}, "one document"),
    ],
    ids=["nothing", "both", "no document", "two documents"],
)
def test_inputs_that_do_not_go_together_are_an_annotation(machine: Machine, given: dict[str, str], told: str) -> None:
    """One sentence, and exit code 2."""
    code, said = machine.use(given)

    assert code == 2
    assert re.fullmatch(rf"::error title=bulk-mockserver::.*{told}.*\n", said)


def test_the_job_for_gitlab_is_green_and_leaves_its_reports(machine: Machine) -> None:
    """Its lines run as they stand; what it keeps is there."""
    job = recipe("GitLab")["contract"]
    lines = "\n".join(job["before_script"] + job["script"])

    code, said = machine.call(*SCRIPT, lines, **job["variables"])

    assert code == 0, said
    assert machine.installed == [f"-m pip install {job['variables']['MOCKSERVER']}"]
    kept = [*job["artifacts"]["paths"], job["artifacts"]["reports"]["junit"]]
    assert [name for name in kept if not (machine.checkout / name).is_file()] == []


@pytest.mark.parametrize("is_good", [True, False], ids=["good", "broken"])
def test_the_hook_checks_what_its_args_name(machine: Machine, *, is_good: bool) -> None:
    """The fixture with its document; a broken one stops the commit, with its line."""
    (wanted,) = recipe("pre-commit")["repos"][0]["hooks"]
    if not is_good:
        broken = FIXTURE.replace("operation: listPets", "operation: listDogs")
        (machine.checkout / "fixtures" / "shop.yaml").write_text(broken, "utf-8")

    code, said = machine.call(*shlex.split(HOOK["entry"]), *wanted["args"])

    assert wanted["id"] == HOOK["id"]
    assert code == (0 if is_good else 2), said
    assert ("fixtures/shop.yaml:5:" in said) is not is_good


def test_the_hook_without_args_checks_all_of_the_repository(machine: Machine) -> None:
    """Document and fixture; pre-commit is told to give no names."""
    code, said = machine.call(*shlex.split(HOOK["entry"]), *HOOK["args"])

    assert (HOOK["language"], HOOK["pass_filenames"], HOOK["types_or"]) == ("python", False, ["yaml", "json"])
    assert code == 0, said
    assert said.startswith("2 files: ")
