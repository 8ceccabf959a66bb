"""First program inside every sandbox: resource limits, no new privileges, filters, environment; then the real command.

Handed to `python -I -S -c` as text, so it needs no file inside. Standard library only, no import of ours.
Arguments: one JSON object (see `Shim` in `command.py`), then the command. Landlock: docs.kernel.org/userspace-api/landlock.
"""

import ctypes
import json
import os
import resource
import signal
import struct
import sys
from typing import Any

FAILED = 125
NICENESS = 5
"""Untrusted programs yield to the simulator; their CPU time, which is what is measured, does not change by it."""
PR_SET_PDEATHSIG, PR_SET_SECCOMP, PR_CAPBSET_DROP, PR_SET_CHILD_SUBREAPER, PR_SET_NO_NEW_PRIVS = (
    1,
    22,
    24,
    36,
    38,
)
EPERM, ENOSYS = 1, 38

_libc = ctypes.CDLL(None, use_errno=True)

# System calls refused to untrusted programs: (x86_64, aarch64). They reach other processes, mount, load code into the
# kernel, change the clock, or (io_uring) go round the filter.
DENIED = {
    "ptrace": (101, 117), "process_vm_readv": (310, 270), "process_vm_writev": (311, 271), "pidfd_getfd": (438, 438),
    "mount": (165, 40), "umount2": (166, 39), "pivot_root": (155, 41), "chroot": (161, 51), "setns": (308, 268),
    "unshare": (272, 97), "open_by_handle_at": (304, 265), "open_tree": (428, 428), "move_mount": (429, 429),
    "fsopen": (430, 430), "fsmount": (432, 432), "mount_setattr": (442, 442), "bpf": (321, 280),
    "perf_event_open": (298, 241), "add_key": (248, 217), "request_key": (249, 218), "keyctl": (250, 219),
    "userfaultfd": (323, 282), "init_module": (175, 105), "finit_module": (313, 273), "delete_module": (176, 106),
    "kexec_load": (246, 104), "settimeofday": (164, 170), "clock_settime": (227, 112), "adjtimex": (159, 171),
    "clock_adjtime": (305, 266), "io_uring_setup": (425, 425), "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427), "swapon": (167, 224), "reboot": (169, 142), "acct": (163, 89),
}  # fmt: skip
CLONE, CLONE3, SOCKET, CONNECT = (56, 220), (435, 435), (41, 198), (42, 203)
CLONE_NEW = 0x7E020080
"""CLONE_NEWTIME, NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET."""
AUDIT_ARCH = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}

LOAD, JEQ, JGE, JSET, AND, RET = 0x20, 0x15, 0x35, 0x45, 0x54, 0x06
ALLOW, ERRNO, KILL = 0x7FFF0000, 0x00050000, 0x80000000
AF_UNIX, SOCK_STREAM, SOCK_TYPE_MASK = 1, 1, 0xF


def check(result: int, what: str) -> int:
    """The result of a libc call, or OSError naming what was tried."""
    if result < 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code), what)
    return result


def prctl(option: int, first: Any = 0, second: Any = 0) -> None:
    """prctl(2) with up to two arguments."""
    args = (first if not isinstance(first, int) else ctypes.c_ulong(first), second)
    check(_libc.prctl(option, args[0], args[1], ctypes.c_ulong(0), ctypes.c_ulong(0)), f"prctl {option}")


def seccomp_program(machine: str, sockets: bool) -> bytes:
    """Classic BPF: refuse DENIED and new namespaces; without `sockets`, only listening unix stream sockets remain."""
    column, arch = AUDIT_ARCH[machine]
    code = [(LOAD, 0, 0, 4), (JEQ, 1, 0, arch), (RET, 0, 0, KILL), (LOAD, 0, 0, 0)]
    if machine == "x86_64":
        code += [(JGE, 0, 1, 0x40000000), (RET, 0, 0, ERRNO | ENOSYS)]
    denied = [pair[column] for pair in DENIED.values()] + ([] if sockets else [CONNECT[column]])
    for number in denied:
        code += [(JEQ, 0, 1, number), (RET, 0, 0, ERRNO | EPERM)]
    code += [(JEQ, 0, 1, CLONE3[column]), (RET, 0, 0, ERRNO | ENOSYS)]
    code += [
        (JEQ, 0, 4, CLONE[column]),
        (LOAD, 0, 0, 16),
        (JSET, 0, 1, CLONE_NEW),
        (RET, 0, 0, ERRNO | EPERM),
    ]
    code += [(RET, 0, 0, ALLOW)]
    if not sockets:
        code += [(JEQ, 0, 6, SOCKET[column]), (LOAD, 0, 0, 16), (JEQ, 0, 3, AF_UNIX), (LOAD, 0, 0, 24)]
        code += [(AND, 0, 0, SOCK_TYPE_MASK), (JEQ, 1, 0, SOCK_STREAM), (RET, 0, 0, ERRNO | EPERM)]
    code += [(RET, 0, 0, ALLOW)]
    return b"".join(struct.pack("HBBI", *line) for line in code)


def install_seccomp(machine: str, sockets: bool) -> None:
    """Load the filter; it is inherited by everything that follows."""
    program = seccomp_program(machine, sockets)
    buffer = ctypes.create_string_buffer(program, len(program))
    head = struct.pack("HxxxxxxP", len(program) // 8, ctypes.addressof(buffer))
    prctl(PR_SET_SECCOMP, 2, ctypes.c_char_p(head))


def become(uid: int, gid: int) -> None:
    """Change from root to the dedicated account, for good."""
    os.setgroups([])
    os.setresgid(gid, gid, gid)
    os.setresuid(uid, uid, uid)


def drop_capabilities() -> None:
    """Give up every capability, also for programs that are started later."""
    for capability in range(64):
        if _libc.prctl(PR_CAPBSET_DROP, ctypes.c_ulong(capability), 0, 0, 0) != 0:
            break
    header = struct.pack("Ii", 0x20080522, 0)
    check(_libc.capset(ctypes.c_char_p(header), ctypes.c_char_p(bytes(24))), "capset")


def landlock(readable: list[str], writable: list[str]) -> None:
    """Deny every file but these (and what lies below them), every TCP port, and signals to processes outside."""
    abi = check(_libc.syscall(444, None, ctypes.c_size_t(0), 1), "landlock is not in this kernel")
    rights = (1 << 13) - 1 | (1 << 13 if abi >= 2 else 0) | (1 << 14 if abi >= 3 else 0) | (1 << 15 if abi >= 5 else 0)
    attributes = struct.pack("QQQ", rights, 3 if abi >= 4 else 0, 3 if abi >= 6 else 0)
    size = 24 if abi >= 6 else 16 if abi >= 4 else 8
    ruleset = check(_libc.syscall(444, ctypes.c_char_p(attributes), ctypes.c_size_t(size), 0), "landlock ruleset")
    for path, allowed in [(path, 0b1101) for path in readable] + [(path, rights) for path in writable]:
        if os.path.exists(path):
            descriptor = os.open(path, os.O_PATH)
            file_rights = 0b111 | rights & (1 << 14 | 1 << 15)
            mask = allowed if os.path.isdir(path) else allowed & file_rights
            rule = struct.pack("=Qi", mask, descriptor)
            check(_libc.syscall(445, ruleset, 1, ctypes.c_char_p(rule), 0), f"landlock rule for {path}")
            os.close(descriptor)
    check(_libc.syscall(446, ruleset, 0), "landlock")
    os.close(ruleset)


def main() -> None:
    """Confine this process and become the command."""
    job = json.loads(sys.argv[1])
    os.closerange(3, os.sysconf("SC_OPEN_MAX"))
    try:
        if job["account"]:
            become(*job["account"])
        if job["parent"]:
            prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
            if os.getppid() != job["parent"]:
                sys.exit(FAILED)
        prctl(PR_SET_CHILD_SUBREAPER, 1)
        prctl(PR_SET_NO_NEW_PRIVS, 1)
        if job["drop"]:
            drop_capabilities()
        if job["landlock"]:
            landlock(*job["landlock"])
        for name, value in job["limits"].items():
            hard = resource.getrlimit(getattr(resource, name))[1]
            most = value if hard == resource.RLIM_INFINITY else min(value, hard)
            resource.setrlimit(getattr(resource, name), (most, most))
        if job["seccomp"]:
            install_seccomp(os.uname().machine, job["seccomp"] == "sockets")
        os.nice(NICENESS)
        os.chdir(job["chdir"])
        os.execvpe(sys.argv[2], sys.argv[2:], job["env"])  # noqa: S606 (no shell is wanted)
    except (OSError, ValueError, KeyError) as error:
        sys.stderr.write(f"sandbox: cannot start {sys.argv[2:3]}: {error}\n")
        sys.exit(FAILED)


if __name__ == "__main__":
    main()
