"""`git+URL[@REF]`: one commit of a repository, fetched shallow and read without a checkout.

Files are taken from git's object store as they are. No hook, filter, attribute, submodule or LFS
download can run, because nothing is ever checked out.
"""

from __future__ import annotations

import contextlib
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from duanban.locate.cache import Entry, key_of, now
from duanban.locate.client import Watched, run
from duanban.locate.fetch import obtain
from duanban.locate.interface import Located, Progress
from duanban.locate.setting import Setting
from duanban.locate.unpack import DEFAULT_LIMITS, Unpacked
from duanban.locate.writer import CHUNK, Limits, Writer
from duanban.model.errors import FetchError, LocatorError, UnpackError

SCHEME = "git+"
_PROTOCOLS = ("https", "ssh", "git", "file")
_URL = re.compile(rf"(?:{'|'.join(_PROTOCOLS)})://[^\s\x00-\x1f]+")
_REF = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._/+-]*[A-Za-z0-9_+-])?")
_COMMIT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_ENTRY = re.compile(rb"(\d{6}) (\w+) ([0-9a-f]+)\t(.+)", re.DOTALL)
_ENVIRONMENT = {
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_LFS_SKIP_SMUDGE": "1",
    "GIT_ALLOW_PROTOCOL": ":".join(_PROTOCOLS),
    "GIT_NO_LAZY_FETCH": "1",
}
_OPTIONS = (
    ("core.hooksPath", "/dev/null"),
    ("core.symlinks", "false"),
    ("core.fsmonitor", "false"),
    ("fetch.fsckObjects", "false"),  # old histories fail it; nothing is checked out
    ("fetch.recurseSubmodules", "false"),
    ("gc.auto", "0"),
    ("maintenance.auto", "false"),
    ("protocol.version", "2"),
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a `git+` locator asks for."""

    url: str
    ref: str
    """Branch, tag or commit; empty: the repository's HEAD."""
    name: str


class Git:
    """Commits that git can fetch."""

    def __init__(self, setting: Setting) -> None:
        self._setting = setting

    def claims(self, text: str) -> bool:
        """Return whether the text has our scheme."""
        return text.startswith(SCHEME)

    @contextlib.contextmanager
    def open(self, text: str, progress: Progress) -> Iterator[Located]:
        """Give the files of the commit.

        Raises:
            LocatorError: the text is not in our form.
            FetchError: git is missing, or did not give it.
            UnpackError: the tree breaks a limit.
        """
        wanted = parse(text)
        cache = self._setting.cache
        repository = cache.repository(wanted.url)

        def fetch(_directory: Path) -> Entry:
            commit = _fetch(repository, wanted, Watched(text, progress, repository))
            return Entry(text, now(), commit=commit)

        pinned = _COMMIT.fullmatch(wanted.ref) is not None
        entry = obtain(self._setting, text, fetch, pinned=pinned)

        def make(destination: Path) -> Unpacked:
            progress(f"reading {text}", 0, 0)
            return write_commit(repository, entry.commit, destination)

        with cache.tree(key_of(f"git {wanted.url} {entry.commit}"), make) as tree:
            version = wanted.ref if wanted.ref and not pinned else entry.commit[:12]
            yield Located(tree.root, text, wanted.name, version, "", tree.skipped, entry.fetched)


def parse(text: str) -> Wanted:
    """Return what the locator asks for.

    Raises:
        LocatorError: with the form that is expected.
    """
    from urllib.parse import unquote, urlsplit  # noqa: PLC0415

    url = text.removeprefix(SCHEME)
    if _URL.fullmatch(url) is None:
        kinds = ", ".join(f"git+{protocol}://" for protocol in _PROTOCOLS)
        raise LocatorError(f"{text}: not a repository; it begins with one of {kinds}")
    ref = ""
    if "@" in urlsplit(url).path:
        url, _, ref = url.rpartition("@")
        if _REF.fullmatch(ref) is None or ".." in ref:
            raise LocatorError(f"{text}: {ref!r} is not a branch, tag or commit")
    parts = urlsplit(url)
    if parts.netloc.startswith("-") or parts.query or parts.fragment:
        raise LocatorError(f"{text}: write git+URL or git+URL@REF, without ? and #")
    name = unquote(parts.path).rstrip("/").rpartition("/")[2].removesuffix(".git")
    return Wanted(url, ref, name or parts.netloc)


def _git(repository: Path, *arguments: str) -> list[str]:
    options = [word for key, value in _OPTIONS for word in ("-c", f"{key}={value}")]
    return ["git", *options, "--git-dir", str(repository), *arguments]


def _fetch(repository: Path, wanted: Wanted, watched: Watched) -> str:
    """Fetch what is wanted into the bare repository and return the commit's id."""
    if not (repository / "HEAD").is_file():
        repository.mkdir(parents=True, exist_ok=True, mode=0o700)
        init = _git(repository, "init", "--quiet", "--bare", "--template=")
        run(init, watched, environment=_ENVIRONMENT)
    if _COMMIT.fullmatch(wanted.ref) and _has(repository, wanted.ref):
        return wanted.ref
    what = ["--quiet", "--no-tags", "--no-recurse-submodules", "--no-write-fetch-head"]
    ours = f"refs/duanban/{key_of(wanted.ref)}"
    command = _git(repository, "fetch", *what, "--depth=1", "--", wanted.url)
    try:
        run([*command, f"+{wanted.ref or 'HEAD'}:{ours}"], watched, environment=_ENVIRONMENT)
    except FetchError:
        if not re.fullmatch(r"[0-9a-f]{7,64}", wanted.ref):
            raise
        # Not every server gives a commit by its id: take all branches and look for it there.
        command = _git(repository, "fetch", *what, *_deepen(repository), "--", wanted.url)
        run([*command, "+refs/heads/*:refs/all/*"], watched, environment=_ENVIRONMENT)
        ours = wanted.ref
    revision = _git(repository, "rev-parse", "--verify", "--end-of-options", f"{ours}^{{commit}}")
    commit = run(revision, watched, environment=_ENVIRONMENT).decode().strip()
    if _COMMIT.fullmatch(commit) is None:
        raise FetchError(f"{watched.what}: git gave {commit[:80]!r} instead of a commit")
    return commit


def _deepen(repository: Path) -> list[str]:
    return ["--unshallow"] if (repository / "shallow").is_file() else []


def _has(repository: Path, commit: str) -> bool:
    done = subprocess.run(
        _git(repository, "cat-file", "-e", f"{commit}^{{tree}}"),
        stdin=subprocess.DEVNULL, capture_output=True, check=False, timeout=60,
    )  # fmt: skip
    return done.returncode == 0


def write_commit(
    repository: Path, commit: str, destination: Path, limits: Limits = DEFAULT_LIMITS
) -> Unpacked:
    """Write the files of a commit into the empty directory `destination`.

    Args:
        repository: a bare repository that has it.
        commit: its id.
        destination: where to write.
        limits: what to allow.

    Raises:
        FetchError: git cannot read the commit.
        UnpackError: a limit is passed.
    """
    watched = Watched(f"commit {commit[:12]}", lambda *_: None, repository)
    listing = run(_git(repository, "ls-tree", "-r", "-z", "--full-tree", commit), watched)
    # A ratio makes no sense here: git has checked the sizes of its objects.
    writer = Writer(destination, limits.total_bytes, limits)
    with _Objects(repository) as objects:
        for raw in listing.split(b"\0"):
            if found := _ENTRY.fullmatch(raw):
                mode, name = found[1], found[4].decode("utf-8", "surrogateescape")
                if ".git" in name.lower().split("/"):
                    # git never makes such a tree; in it, git would obey a hostile configuration.
                    writer.skip(name, "a path inside .git")
                elif mode == b"160000":
                    writer.skip(name, "submodule, not fetched")
                elif mode == b"120000":
                    writer.skip(name, "symbolic link, not followed")
                else:
                    executable = mode == b"100755"
                    writer.file(name, objects.read(found[3]), executable=executable, mtime=0)
    return Unpacked("", tuple(writer.skipped), writer.files, writer.bytes)


class _Objects:
    """Reads objects through one `git cat-file --batch`."""

    def __init__(self, repository: Path) -> None:
        self._process = subprocess.Popen(
            _git(repository, "cat-file", "--batch"),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def __enter__(self) -> _Objects:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()
        self._process.wait()

    def read(self, identity: bytes) -> Iterator[bytes]:
        """Give the bytes of the object; all of them must be taken before the next call."""
        asks: IO[bytes] | None = self._process.stdin
        answers: IO[bytes] | None = self._process.stdout
        assert asks is not None
        assert answers is not None
        try:
            asks.write(identity + b"\n")
            asks.flush()
        except OSError as error:
            raise FetchError("git stopped while its objects were read") from error
        words = answers.readline().split()
        if len(words) != 3:
            raise UnpackError(f"git cannot read object {identity.decode('ascii')}")
        left = int(words[2])
        while left:
            chunk = answers.read(min(left, CHUNK))
            if not chunk:
                raise FetchError("git stopped while its objects were read")
            left -= len(chunk)
            yield chunk
        answers.read(1)
