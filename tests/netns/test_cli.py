# SPDX-License-Identifier: GPL-2.0-or-later
"""vnetctl: as a command, as a script, and at a prompt on a terminal."""
import json
import os
import pathlib
import re
import shutil
import signal
import time

import pexpect
import pytest

from lab import BUILD, ENV

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent


def run(lab, *words, status=0, **more):
    done = lab.vnetctl(*words, check=False, **more)
    assert done.returncode == status, f"{words}: {done.returncode}: {done.stdout}{done.stderr}"
    return done


# ---- one command

def test_show_is_a_table_json_and_filtered(switchd):
    lines = run(switchd, "show", "networks").stdout.splitlines()
    assert lines[0].split() == ["NETWORK", "INTERFACE", "VRF", "MODE", "ADDRESS", "PORTS", "STATE"]
    assert lines[1].split() == ["default", "vn-default", "-", "nat", "192.168.122.1/24", "0", "up"]
    rows = json.loads(run(switchd, "show", "networks", "--json").stdout)
    assert [(r["network"], r["state"]) for r in rows] == [("default", "up")]
    assert json.loads(run(switchd, "show networks | json").stdout) == rows
    assert json.loads(run(switchd, "--json", "show networks | match nothing").stdout) == []
    assert run(switchd, "--plain", "show", "networks").stdout.split() == lines[1].split()
    assert run(switchd, "show", "networks", "|", "count").stdout == "1\n"
    assert run(switchd, "show", "networks", "|", "match", "^def").stdout.splitlines() == [lines[1]]
    assert run(switchd, "show", "networks", "|", "exclude", "^def").stdout.splitlines() == [lines[0]]


def test_show_configuration_in_each_form(switchd):
    assert run(switchd, "show", "configuration").stdout.startswith("network default {\n")
    commands = run(switchd, "show", "configuration", "|", "commands").stdout
    assert commands == switchd.control().running()
    assert run(switchd, "show", "configuration", "|", "commands", "|", "match", "dhcp", "|", "count").stdout == "1\n"
    tree = json.loads(run(switchd, "--json", "show", "configuration").stdout)
    assert tree["network"][0]["name"] == "default"


def test_save_writes_a_file(switchd):
    file = switchd.folder / "saved"
    done = run(switchd, "show configuration | commands | save " + str(file))
    assert done.stdout == ""
    assert file.read_text() == switchd.control().running()
    run(switchd, "save", switchd.folder / "saved.json")
    assert json.loads((switchd.folder / "saved.json").read_text())["network"]
    assert "cannot be written" in run(switchd, "save", "/nonexistent/x", status=1).stderr


@pytest.mark.parametrize("words, status, says", [
    (["foo"], 2, "no such command"),
    (["show"], 2, "no such command"),
    (["sh", "networks"], 1, "no such command"),
    (["show", "network", "nope"], 1, "is not configured"),
    (["set", "network", "x"], 2, "needs a session"),
    (["show networks | foo"], 2, "there is no '| foo'"),
    (["show networks | match ["], 2, "is not a regular expression"),
    (["show 'networks"], 2, "a quote is not closed"),
    (["show", b"\xff"], 2, "not UTF-8"),
    (["rollback", "99"], 1, "no rollback point 99"),
    (["rollback"], 2, "usage: rollback"),
    (["configure"], 2, "needs a terminal"),
    (["--bad"], 2, "--help"),
    (["-c", "show version", "-f", "x"], 2, "exclude each other"),
    (["-f", "/nonexistent"], 1, "cannot be read"),
    (["-c", "load /nonexistent"], 1, "cannot be read"),
])
def test_refusals_have_a_status_and_a_reason_on_stderr(switchd, words, status, says):
    if any(isinstance(w, bytes) for w in words):
        words = ["sh", "-c", "exec \"$0\" show \"$(printf '\\377')\"", str(BUILD / "cli" / "vnetctl")]
        done = switchd.host.run("env", f"VNET_RUN_DIR={switchd.folder}/run", *words, check=False)
        assert done.returncode == status
    else:
        done = run(switchd, *words, status=status)
    assert says in done.stderr
    assert done.stdout == ""


def test_without_a_daemon_the_status_is_3(lab):
    done = run(lab, "show", "version", status=3)
    assert "cannot reach switchd" in done.stderr and "is switchd running?" in done.stderr
    assert run(lab, "--version").stdout.startswith("vnetctl ")
    assert "Usage:" in run(lab, "--help").stdout


def test_other_users_read_but_do_not_change(switchd):
    for folder in [switchd.folder, *list(switchd.folder.parents)[:3]]:
        folder.chmod(folder.stat().st_mode | 0o055)
    # others may not be able to reach the build folder
    program = shutil.copy(BUILD / "cli" / "vnetctl", switchd.folder)
    vnetctl = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "env",
               f"VNET_RUN_DIR={switchd.folder}/run", program]
    assert "vn-default" in switchd.host.run(*vnetctl, "show", "networks").stdout
    done = switchd.host.run(*vnetctl, "-c", "set network x", check=False)
    assert done.returncode == 1 and "may change the configuration" in done.stderr


# ---- sessions and scripts

def test_commands_share_a_session(switchd):
    done = run(switchd, "-c", "set network default mtu 1400", "-c", "compare", "-c", "commit comment 'two words'")
    assert done.stdout == "  network default {\n+     mtu 1400\n  }\n"
    assert re.fullmatch(r"commit 1: done, \d+ operations? in [\d.]+ ms\n", done.stderr)
    assert "two words" in run(switchd, "show", "system", "commit").stdout
    assert run(switchd, "show configuration | match mtu").stdout == "    mtu 1400\n"


def test_what_was_not_committed_is_reported_and_dropped(switchd):
    done = run(switchd, "-c", "set network default mtu 1400", "-c", "set network default stp", status=1)
    assert done.stderr == "2 changes were not committed\n"
    assert "mtu" not in switchd.control().running()


def test_commit_check_dry_run_and_json(switchd):
    assert "correct" in run(switchd, "-c", "commit check").stderr
    set_mtu = "set network default mtu 1400"
    done = run(switchd, "-c", set_mtu, "-c", "commit dry-run", "-c", "discard")
    assert done.stdout == "set link vn-default mtu 1500 -> 1400\n"
    reply = json.loads(run(switchd, "--json", "-c", set_mtu, "-c", "commit").stdout)
    assert reply["number"] == 1 and reply["count"] == 1
    assert "nothing has changed" in run(switchd, "-c", set_mtu, "-c", "commit").stderr


def test_commit_confirmed_and_rollback(switchd):
    run(switchd, "-c", "set network default mtu 1400", "-c", "commit")
    done = run(switchd, "-c", "set network default mtu 1300", "-c", "commit confirmed 5")
    assert "taken back in 5 minutes" in done.stderr
    run(switchd, "confirm")
    run(switchd, "confirm", status=1)
    run(switchd, "rollback", "1")
    assert "set network default mtu 1400\n" in switchd.control().running()
    assert "-     mtu 1400\n+     mtu 1300\n" in run(switchd, "compare", "1", "2").stdout


def test_script_stops_at_its_first_error(switchd):
    script = switchd.folder / "script"
    script.write_text("# a comment\nset network default mtu 1400\n\ncommit\nset network default stp\n"
                      "set network default foo 1\nset network other\n")
    done = run(switchd, "-f", script, status=1)
    assert f"{script}:6: " in done.stderr and "'foo'" in done.stderr
    running = switchd.control().running()
    assert "mtu 1400" in running and "stp" not in running and "other" not in running


def test_script_from_standard_input(switchd):
    done = run(switchd, input="set network lab mode bridged\ncommit\nshow networks | match lab | count\n")
    assert done.stdout == "1\n"
    assert "stdin:2: " in run(switchd, "-f", "-", input="\nset foo\n", status=1).stderr
    assert "stdin:1: " in run(switchd, "-f", "-", input="set a\0b\n", status=1).stderr
    assert run(switchd, input="exit\nfoo\n").stderr == ""


def test_large_script_is_sent_in_batches_and_errors_keep_their_line(switchd):
    lines = [f"set network n{i // 3} address 10.{i // 768}.{i // 3 % 256}.{i % 3 + 1}/24" for i in range(3000)]
    assert run(switchd, "-c", "show", "-f", "-", status=2)
    done = run(switchd, "-f", "-", input="\n".join([*lines, "compare | match address | count", "discard", ""]))
    assert done.stdout == "3000\n"
    lines[2500] = "set network n1 address 300.0.0.1/24"
    assert "stdin:2501: " in run(switchd, "-f", "-", input="\n".join(lines), status=1).stderr


def test_edit_levels_show_copy_and_rename(switchd):
    done = run(switchd, "-c", "edit network default dhcp", "-c", "up", "-c", "set mtu 1400", "-c", "show | match mtu",
               "-c", "top", "-c", "copy network default to b", "-c", "rename network default to c",
               "-c", "show | commands", "-c", "discard")
    assert done.stdout.startswith("+mtu 1400\n")
    names = set(re.findall(r"^set network (\S+)", done.stdout, re.M))
    assert names == {"b", "c"}
    assert done.stdout.count("mtu 1400") == 3
    assert "exists already" in run(switchd, "-c", "set network b", "-c", "copy network default to b", status=1).stderr
    assert "not an entry" in run(switchd, "-c", "copy network default mode to b", status=1).stderr
    assert "nothing below" in run(switchd, "-c", "edit network default mode nat", status=1).stderr


def test_show_marks_what_differs(switchd):
    done = run(switchd, "-c", "configure", "-c", "set network default mode routed", "-c", "delete network default dhcp",
               "-c", "set network default mtu 1400", "-c", "show", "-c", "exit discard")
    assert done.stdout == (" network default {\n>    mode routed\n     address 192.168.122.1/24\n+    mtu 1400\n"
                           "-    dhcp {\n-        range 192.168.122.2-192.168.122.254\n-    }\n }\n")


def test_load_merge_and_save(switchd):
    file = switchd.folder / "file"
    file.write_text("set network only mode bridged\n")
    run(switchd, "-c", f"merge {file}", "-c", "commit")
    assert "set network default" in switchd.control().running()
    run(switchd, "-c", f"load {file}", "-c", "commit")
    assert switchd.control().running() == file.read_text()
    run(switchd, "-c", f"save {switchd.folder}/out")
    assert (switchd.folder / "out").read_text() == file.read_text()
    file.write_bytes(os.urandom(64))
    assert "not a text" in run(switchd, "-c", f"load {file}", status=1).stderr


def test_shell_completion(switchd):
    def offered(*words):
        return [line.split("\t")[0] for line in run(switchd, "--complete", "--", *words).stdout.splitlines()]
    assert offered("sho") == ["show"]
    assert {"networks", "version"} <= set(offered("show", ""))
    assert offered("show", "network", "d") == ["default"]
    assert "match" in offered("show", "networks", "|", "")
    script = f". '{ROOT}/dist/completion/vnetctl'; COMP_WORDS=(vnetctl show netw); COMP_CWORD=2; _vnetctl; " \
             "echo ${COMPREPLY[@]}"
    path = f"{BUILD}/cli:{os.environ['PATH']}"
    done = switchd.host.run("env", f"VNET_RUN_DIR={switchd.folder}/run", f"PATH={path}", "bash", "-c", script)
    assert done.stdout == "network networks\n"


# ---- the prompt

UP, CTRL_C, CTRL_D, CTRL_R = "\x1b[A", "\x03", "\x04", "\x12"


class Prompt:
    """vnetctl on a terminal of its own."""

    def __init__(self, lab, *words, sign="> ", **env):
        words = lab.host.enter("env", f"VNET_RUN_DIR={lab.folder}/run", f"XDG_STATE_HOME={lab.folder}/home",
                               "TERM=xterm", *[f"{k}={v}" for k, v in env.items()], BUILD / "cli" / "vnetctl", *words)
        self.child = pexpect.spawn(words[0], list(map(str, words[1:])), encoding="utf-8", timeout=10, env=ENV,
                                   dimensions=(50, 200))
        self.wait("vnet" + sign)

    def wait(self, text):
        self.child.expect_exact(text)
        return re.sub(r"\x1b\[[0-9;]*[A-Za-z]", "", self.child.before)

    def type(self, keys):
        self.child.send(keys)

    def line(self, text, prompt="> "):
        """Type a line; what is printed until the next prompt."""
        self.type(text + "\r")
        self.child.expect_exact("\r\n")
        return self.wait("vnet" + prompt).replace("\r", "")

    def ends(self):
        self.child.expect(pexpect.EOF)
        self.child.close()
        return self.child.exitstatus


@pytest.fixture
def prompt(switchd):
    it = Prompt(switchd)
    yield it
    it.child.close(force=True)


def test_tab_completes_and_question_mark_explains(prompt):
    prompt.type("sho\t")
    prompt.wait("w ")
    prompt.type("netw\t")
    prompt.wait("ork")
    prompt.type("\t")
    assert "All networks" in prompt.wait("vnet> ")
    prompt.type("s\r")
    assert "vn-default" in prompt.wait("vnet> ")
    prompt.type("show d?")
    assert re.search(r"dhcp .*\n.*dns .*\n.*drift", prompt.wait("vnet> "))
    prompt.type(CTRL_C)
    prompt.wait("vnet> ")
    prompt.line("configure", "# ")
    prompt.type("set network default mtu ?")
    assert "<68-65521>" in prompt.wait("vnet# ")
    prompt.type("1400 ?")
    assert "<Enter>" in prompt.wait("vnet# ")


def test_question_mark_in_quotes_is_a_character(prompt):
    prompt.line("configure", "# ")
    prompt.line("set network default description 'what?'", "# ")
    assert "description 'what?'" in prompt.line("show | match desc", "# ")


def test_abbreviations_at_the_prompt(prompt):
    assert "vn-default" in prompt.line("sh networks")
    assert "'c' is ambiguous: clear, configure" in prompt.line("c")
    prompt.line("conf", "# ")
    prompt.line("set netw default mt 1400", "# ")
    assert "network default mtu 1400" in prompt.line("sh | comm | mat mtu", "# ")
    assert "PROGRAM" in prompt.line("run sh ver", "# ")
    assert "is ambiguous" in prompt.line("co", "# ")


def test_edit_commit_and_leave(prompt):
    assert prompt.line("configure", "# ").endswith("[edit]\n")
    assert prompt.line("edit network default", "# ").endswith("[edit network default]\n")
    prompt.line("set mtu 1400", "# ")
    assert prompt.line("exit", "# ").endswith("[edit]\n")
    assert "uncommitted changes" in prompt.line("exit", "# ")
    prompt.type(CTRL_D)
    assert "uncommitted changes" in prompt.wait("vnet# ")
    assert re.search(r"commit 1: done, \d+ operation", prompt.line("commit comment hello", "# "))
    assert "no differences" in prompt.line("compare", "# ")
    prompt.type("rollback ?")
    assert "hello" in prompt.wait("vnet# ")
    prompt.type(CTRL_C)
    prompt.wait("vnet# ")
    prompt.line("set network default mtu 1300", "# ")
    prompt.line("exit discard")
    assert "mtu 1400" in prompt.line("show configuration | match mtu")
    prompt.type(CTRL_D)
    assert prompt.ends() == 0


def test_interrupt_clears_the_line_and_editing_keys_work(prompt):
    prompt.type("show foo")
    prompt.type(CTRL_C)
    prompt.wait("^C")
    prompt.wait("vnet> ")
    assert "PROGRAM" in prompt.line("show verzion\x1b[D\x1b[D\x1b[D\x7fs")
    prompt.line("configure", "# ")
    prompt.line("set network default description 네트\x7f워", "# ")
    assert "description 네워" in prompt.line("show | match desc", "# ")


def test_history_is_kept_and_searched(switchd, prompt):
    prompt.line("show version")
    prompt.line("show networks")
    prompt.type(UP + UP + "\r")
    assert "PROGRAM" in prompt.wait("\nvnet> ")
    prompt.type("exit\r")
    assert prompt.ends() == 0
    assert "networks" in (switchd.folder / "home" / "vnet" / "history").read_text()
    again = Prompt(switchd)
    again.type(CTRL_R + "netw")
    again.type("\r")
    assert "vn-default" in again.wait("\nvnet> ")
    again.child.close(force=True)


def test_colours_only_where_wanted(switchd):
    for env, coloured in [({}, True), ({"NO_COLOR": "1"}, False), ({"TERM": "dumb"}, False)]:
        prompt = Prompt(switchd, **env)
        prompt.line("configure", "# ")
        prompt.line("set network default mtu 1400", "# ")
        prompt.type("compare\r")
        prompt.child.expect_exact("[edit]")
        assert ("\x1b[32m" in prompt.child.before) == coloured
        prompt.child.close(force=True)


def test_long_output_goes_through_the_pager(switchd):
    pager = switchd.folder / "pager"
    pager.write_text("#!/bin/sh\necho paged: $(wc -l)\n")
    pager.chmod(0o755)
    prompt = Prompt(switchd, VNETCTL_PAGER=pager)
    prompt.child.setwinsize(5, 100)
    assert re.search(r"paged: \d+", prompt.line("show configuration"))
    assert "paged" not in prompt.line("show configuration | no-more")
    assert "paged" not in prompt.line("show networks")
    prompt.child.close(force=True)


def test_daemon_restart_does_not_end_the_prompt(switchd, prompt):
    switchd.stop()
    assert "cannot reach switchd" in prompt.line("show networks")
    switchd.start()
    assert "vn-default" in prompt.line("show networks")
    prompt.line("configure", "# ")
    prompt.line("set network default mtu 1400", "# ")
    switchd.stop()
    assert "uncommitted changes of this session are lost" in prompt.line("compare", "# ")
    switchd.start()
    assert "no differences" in prompt.line("compare", "# ")


def test_interrupt_ends_the_wait_for_a_daemon_that_hangs(switchd, prompt):
    switchd.daemon.send_signal(signal.SIGSTOP)
    prompt.type("show networks\r")
    prompt.child.expect_exact("show networks\r\n")
    time.sleep(0.2)
    prompt.type(CTRL_C)
    assert "interrupted" in prompt.wait("vnet> ")
    switchd.daemon.send_signal(signal.SIGCONT)
    assert "vn-default" in prompt.line("show networks")


def test_configure_as_a_word_opens_the_prompt_there(switchd):
    prompt = Prompt(switchd, "configure", sign="# ")
    prompt.line("exit")
    prompt.type("quit\r")
    assert prompt.ends() == 0
