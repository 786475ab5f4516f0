#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""What is for Kubernetes is complete, has no right that it does not need, and no field unknown.

KUBERNETES_MODELS=FOLDER, where `npm install kubernetes-models` was run, has it held against the
schemas.
"""
import copy
import json
import os
import pathlib
import shutil
import subprocess
import sys

sys.dont_write_bytecode = True
TOP = pathlib.Path(__file__).resolve().parents[2]
sys.path += [str(TOP / "tests/e2e"), str(TOP / "tests/package")]

from tap import Tap  # noqa: E402
import confine  # noqa: E402

try:
    import yaml
except ImportError:
    yaml = None

FOLDER = TOP / "user/package/kubernetes"
UNIT = TOP / "user/package/systemd/tcpspan-exporter.service"
# Of the node it reads no more than this: names, and where tracepoints are.
READ = {"/sys/fs/cgroup", "/sys/kernel/tracing", "/var/log/pods", "/var/log/containers"}


def load(name):
    return yaml.safe_load((FOLDER / name).read_text(encoding="utf-8"))


def tell_kustomization(t):
    told = load("kustomization.yaml")
    there = {path.name for path in FOLDER.glob("*.yaml")} - {"kustomization.yaml"}
    t.equal(set(told["resources"]), there, "the base has all that is there, and no more")
    objects = [load(name) for name in told["resources"]]
    t.none([each["kind"] for each in objects if "Role" in each["kind"]],
           "nobody gets a right from the API server")
    account = next(each for each in objects if each["kind"] == "ServiceAccount")
    t.equal(account["automountServiceAccountToken"], False, "nor a token for it")
    network = next(each for each in objects if each["kind"] == "NetworkPolicy")["spec"]
    t.equal((network["egress"], sorted(network["policyTypes"])), ([], ["Egress", "Ingress"]),
            "it may ask nobody")
    if not shutil.which("kubectl"):
        t.skip("kustomize makes it", "no kubectl here")
        return objects
    done = subprocess.run(["kubectl", "kustomize", FOLDER], stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True, check=False)
    made = list(yaml.safe_load_all(done.stdout))
    t.equal(sorted(each["kind"] for each in made), sorted(each["kind"] for each in objects),
            "kustomize makes it") or t.note(done.stderr)
    return objects


def capabilities_of_unit():
    words = " ".join(confine.read_unit(UNIT)["CapabilityBoundingSet"]).split()
    return {word.removeprefix("CAP_") for word in words}


def tell_pod(t, daemonset):
    spec = daemonset["spec"]
    labels, pod = spec["template"]["metadata"]["labels"], spec["template"]["spec"]
    t.equal(spec["selector"]["matchLabels"], labels, "it selects its own pods")
    t.equal(load("network.yaml")["spec"]["podSelector"]["matchLabels"], labels,
            "and so does what is said of its network")
    t.equal(pod["serviceAccountName"], load("account.yaml")["metadata"]["name"], "as who it runs")
    t.equal([pod.get(name, False) for name in ("hostNetwork", "hostIPC",
                                               "automountServiceAccountToken")],
            [False] * 3, "it has no network of the node, and no token")
    container, = pod["containers"]
    how = container["securityContext"]
    t.equal((how["privileged"], how["allowPrivilegeEscalation"], how["readOnlyRootFilesystem"]),
            (False, False, True), "it cannot get rights, nor write")
    t.equal(how["capabilities"]["drop"], ["ALL"], "of rights it has none ...")
    t.equal(set(how["capabilities"]["add"]) - {"SETUID", "SETGID"}, capabilities_of_unit(),
            "... but those of the unit")
    t.ok(pod["securityContext"]["seccompProfile"]["type"] == "RuntimeDefault",
         "its system calls are filtered")
    paths = {volume["name"]: volume["hostPath"]["path"] for volume in pod["volumes"]}
    t.equal(set(paths.values()), READ, "of the node it reads little")
    t.equal({mount["name"] for mount in container["volumeMounts"] if mount["readOnly"]}, set(paths),
            "and writes nothing")
    t.none([kind for kind in ("requests", "limits") if set(container["resources"].get(kind, {})) !=
            {"cpu", "memory"}], "what it takes is bounded")
    t.equal({container[name]["httpGet"]["path"] for name in
             ("startupProbe", "readinessProbe", "livenessProbe")}, {"/-/ready", "/-/healthy"},
            "it is looked after")
    port, = container["ports"]
    t.ok(f"--listen=0.0.0.0:{port['containerPort']}" in container["args"] and
         str(port["containerPort"]) ==
         spec["template"]["metadata"]["annotations"]["prometheus.io/port"],
         "where it answers is where it is asked")
    done = subprocess.run([os.environ["TCPSPAN"], *container["args"], "--version"], check=False,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    t.equal((done.returncode, done.stderr), (0, ""), "the program takes its options")


def tell_profile(t):
    profile = json.loads((FOLDER / "seccomp/tcpspan.json").read_text())
    t.equal(profile["defaultAction"], "SCMP_ACT_ERRNO", "what is not on the list is refused")
    names = [name for rule in profile["syscalls"] for name in rule["names"]]
    t.equal(len(names), len(set(names)), "each call once")
    t.none({"ptrace", "mount", "unshare", "keyctl", "io_uring_setup", "init_module", "kexec_load",
            "process_vm_readv", "userfaultfd"} & set(names), "and none that is for others")
    patch = load("seccomp/kustomization.yaml")["patches"][0]
    t.ok("localhostProfile: tcpspan.json" in patch["patch"], "the component names it")
    try:
        lib = confine.Filter(confine.ALLOW).lib
    except OSError as why:
        t.skip("all of them are calls", str(why))
        return
    t.none([name for name in names if lib.seccomp_syscall_resolve_name(name.encode()) == -1],
           "all of them are calls")


def flaws_of(folder, objects):
    done = subprocess.run(["node", str(TOP / "tests/package/kubernetes.js"), folder],
                          input=json.dumps(objects), stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(done.stdout)


def spoilt(objects):
    """(what is wrong, the objects) of some that no server would take as they are meant."""
    changes = {
        "a field of the container": lambda pod: pod["containers"][0].update(readinesProbe={}),
        "one of its rights": lambda pod: pod["containers"][0]["securityContext"].update(
            readOnlyRootFileSystem=True),
        "one of a probe": lambda pod: pod["containers"][0]["livenessProbe"]["httpGet"].update(
            Port=1),
        "one of a volume": lambda pod: pod["volumes"][0]["hostPath"].update(readOnly=True),
        "one of the pod": lambda pod: pod.update(hostPid=True),
        "a number in words": lambda pod: pod["containers"][0]["ports"][0].update(
            containerPort="9"),
        "an effect that is none": lambda pod: pod["tolerations"][0].update(operator=7),
    }
    for what, change in changes.items():
        mine = copy.deepcopy(objects)
        change(next(each for each in mine if each["kind"] == "DaemonSet")["spec"]["template"]
               ["spec"])
        yield what, mine


def tell_schemas(t, objects):
    folder = os.environ.get("KUBERNETES_MODELS")
    if not folder or not shutil.which("node"):
        t.skip("the schemas know each field",
               "no node here" if folder else "KUBERNETES_MODELS names no folder with them")
        return
    t.none([flaw for flaws in flaws_of(folder, objects) for flaw in flaws],
           "the schemas know each field, and its value is one")
    for what, mine in spoilt(objects):
        t.ok(any(flaws_of(folder, mine)), f"{what} is found")


tap = Tap()
if yaml:
    everything = tell_kustomization(tap)
    tell_pod(tap, next(each for each in everything if each["kind"] == "DaemonSet"))
    tell_profile(tap)
    tell_schemas(tap, everything)
else:
    tap.skip("what is for Kubernetes is looked at", "no python3-yaml here")
tap.done()
sys.exit(1 if tap.failed else 0)
