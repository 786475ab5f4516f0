#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Which language standard error speaks: that of --lang, wherever it stands, or of the locale."""
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "e2e"))
from tap import Tap

TCPSPAN = os.environ.get("TCPSPAN", "build/tcpspan")
MIXED = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "golden", "recordings",
                     "mixed.tsp")
# A line of a hook's: the family or nothing, the rung or nothing, and whether it works.
WORKS = re.compile(r"(?:[a-z_]+)? +(?:tp_btf|[a-z]+)? +(yes|no|not|是|否|不见)(?: |$)")

T = Tap()


def said(*args, **locale):
    """What it says on standard error."""
    env = {k: v for k, v in os.environ.items() if not k.startswith("LC_") and k != "LANG"}
    done = subprocess.run([TCPSPAN, *args], stdin=subprocess.DEVNULL, capture_output=True,
                          check=False, env={**env, **locale})
    return done.stderr.decode()


def check(name, got, *wanted):
    """Whether all of it was said."""
    T.ok(all(w in got for w in wanted), name, got)


def files():
    """What is wrong with a file."""
    with tempfile.NamedTemporaryFile() as empty, tempfile.NamedTemporaryFile() as cut:
        with open(MIXED, "rb") as whole:
            cut.write(whole.read()[:2800])
        cut.flush()
        check("an empty file, in English", said("hist", "-i", empty.name),
              f"tcpspan: {empty.name}: it is empty\n")
        check("in Chinese", said("hist", "-i", empty.name, "--lang", "zh"),
              f"tcpspan: {empty.name}：它是空的\n")
        check("by the locale", said("hist", "-i", empty.name, LANG="zh_CN.UTF-8"), "它是空的")
        for locale in ("zh_CN.utf8", "zh_CN.UTF-8@pinyin", "zh"):
            check(f"by {locale}", said("hist", "-i", empty.name, LANG=locale), "它是空的")
        for locale in ("zh_CN.GB18030", "zh_TW.big5", "zh_CN.GB2312@radical"):
            check(f"not by {locale}, which would show something else",
                  said("hist", "-i", empty.name, LANG=locale), "it is empty")
        check("unless it is asked for",
              said("hist", "-i", empty.name, "--lang=zh", LANG="zh_CN.GB18030"), "它是空的")
        check("--lang goes before the locale",
              said("hist", "-i", empty.name, "--lang=en", LANG="zh_CN.UTF-8"), "it is empty")
        check("one that is cut short", said("hist", "-i", cut.name, "--lang", "zh"),
              "它在一个块中间被截断；已读出")


def commands():
    """What commands have no use for, or miss."""
    check("nothing to explain", said("explain", "-i", MIXED, "--rport", "1", "--lang", "zh"),
          "tcpspan: 没有可解释的连接：没有开始且匹配的连接\n")
    with tempfile.NamedTemporaryFile() as copy:
        shutil.copyfile(MIXED, copy.name)
        check("a page over what is read",
              said("report", "-i", copy.name, "-o", copy.name, "--lang", "zh"),
              f"tcpspan: 无法写入 {copy.name}：它是这里正在读取的记录，会因此丢失\n")
    check("a screen without a terminal", said("top", "-i", MIXED, "--lang", "zh"),
          "tcpspan: top 需要终端，但标准输出不是终端：--once 打印一屏\n")
    check("a condition that holds",
          said("hist", "-i", MIXED, "--lang", "zh", "--fail-if", "lost >= 0"),
          "tcpspan: --fail-if 成立：lost 是 0，至少 0\n")
    check("one that is none",
          said("hist", "-i", MIXED, "--lang", "zh", "--fail-if", "handshake_clint.p99 > 1ms"),
          "没有叫作 'handshake_clint.p99' 的；是指 handshake_client.p99 吗？")


def processes():
    """Of those that are asked for, which there is none of."""
    gone = subprocess.Popen(["true"])
    gone.wait()
    look = ("stuck", "-N", "self", "-p")
    T.ok("--pid" not in said(*look, str(os.getpid())), "of a process that there is, nothing")
    check("of one that is gone", said(*look, f"{os.getpid()},{gone.pid}"),
          f"tcpspan: --pid {gone.pid}: there is no such process now\n")
    check("in Chinese", said(*look, str(gone.pid), "--lang", "zh"),
          f"tcpspan: --pid {gone.pid}：现在没有这个进程\n")
    running, seen, ended = threading.Event(), [], threading.Event()

    def stay():
        seen.append(threading.get_native_id())
        running.set()
        ended.wait()

    thread = threading.Thread(target=stay)
    thread.start()
    running.wait()
    check("of a thread, whose it is", said(*look, str(seen[0])),
          f"tcpspan: --pid {seen[0]}: that is a thread, and its process is {os.getpid()}\n")
    ended.set()
    thread.join()


def others():
    """What somebody is told who is not let look at all."""
    nobody = 65534
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        copy = shutil.copy(TCPSPAN, folder)
        os.chmod(copy, 0o755)
        for command in ("stuck", "listeners"):
            for language, more in (("en", "root sees more: run it with sudo\n"),
                                   ("zh", "root 能看到更多：请用 sudo 运行\n")):
                done = subprocess.run([copy, command, "--lang", language], check=False,
                                      stdin=subprocess.DEVNULL, capture_output=True,
                                      user=None if os.geteuid() else nobody)
                check(f"{command}, in {language}: who would see more", done.stderr.decode(),
                      "tcpspan: " + more)
    T.ok("sudo" not in said("stuck", "-i", MIXED), "not of a recording")


def options():
    """Options that make no sense, before --lang and behind it."""
    check("a value", said("hist", "--lang", "zh", "--top", "x"),
          "tcpspan: --top 不能是 'x'：它需要一个数，从 1 到 ")
    check("an option that is none", said("hist", "--nothing", "--lang=zh"),
          "tcpspan: '--nothing' 不是 tcpspan hist 的选项：请试 tcpspan hist --help\n")
    check("what does not go together",
          said("trace", "-i", MIXED, "--attach", "fentry", "--lang", "zh"),
          "tcpspan: --attach 不能与 --input 同用：它涉及跟踪，而那在录制文件时已完成\n")
    for zh, (file, surplus) in {
            "": ("is a file, and not a command of tcpspan: --input (-i) reads it\n",
                 "is not expected: a file is read with --input (-i)\n"),
            "zh_CN.UTF-8": ("是文件，不是 tcpspan 的命令：用 --input（-i）读取\n",
                            "多余：文件用 --input（-i）读取\n")}.items():
        check("a recording for a command", said(MIXED, LC_ALL=zh), file)
        for command in ("hist", "explain", "stuck"):
            check(f"a recording behind {command}", said(command, MIXED, LC_ALL=zh), surplus)
    check("what is no file", said("hist", "no-such-file"), "tcpspan hist takes options only\n")
    check("a command that is none", said("nothing", LC_ALL="zh_CN.UTF-8"),
          "tcpspan: 'nothing' 不是 tcpspan 的命令：它有 trace, ")


def printed(*args):
    """What it prints."""
    return subprocess.run([TCPSPAN, *args], stdin=subprocess.DEVNULL, capture_output=True,
                          check=False).stdout.decode()


def tables():
    """Words in columns, which stand where they stand in English."""
    lines = {name: printed("check", "--lang", name).splitlines() for name in ("en", "zh")}
    lines = {name: each[[line.split(" ")[0] for line in each].index("state"):]
             for name, each in lines.items()}
    words = {name: [found[1] for found in map(WORKS.match, each) if found]
             for name, each in lines.items()}
    T.ok(words["en"] and set(words["en"]) <= {"yes", "no", "not"}, "check, in English", words)
    T.equal(words["zh"], [{"yes": "是", "no": "否", "not": "不见"}[each] for each in words["en"]],
            "in Chinese")
    T.ok("（结局 timed_out）" in printed("explain", "tmsy", "--lang", "zh"),
         "a code, in Chinese", printed("explain", "tmsy", "--lang", "zh"))


def main():
    """What is to be told."""
    tables()
    files()
    commands()
    processes()
    others()
    options()
    T.done()
    return 1 if T.failed else 0


sys.exit(main())
