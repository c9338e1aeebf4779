"""What npm packages mean for a target."""

from __future__ import annotations

from dataclasses import dataclass

from duanban.inventory.knowledge import Evidence, listed, make_finding
from duanban.inventory.npm_platform import Platform
from duanban.model import Finding, UnknownFact
from duanban.targets.interface import Target


@dataclass(frozen=True, slots=True)
class RequiredPlatform:
    """A package that npm must install, or stops."""

    evidence: Evidence
    name: str
    platform: Platform

    def judge(self, target: Target) -> Finding | UnknownFact | None:
        """Return a finding if its fields leave the target out."""
        if self.platform.fits(target):
            return None
        detail = self.platform.words()
        return make_finding(
            "runtime.npm.platform", target, self.evidence, match=self.name, detail=detail
        )


@dataclass(frozen=True, slots=True)
class PlatformFamily:
    """A package whose native part is one optional package per platform."""

    evidence: Evidence
    name: str
    own: Platform
    parts: tuple[Platform, ...]

    def judge(self, target: Target) -> Finding | UnknownFact | None:
        """Return a finding if no part fits the target."""
        if not self.own.fits(target):  # never installed there; its parents are judged
            return None
        if any(part.fits(target) for part in self.parts):
            return None
        on_linux = {cpu for part in self.parts if part.for_linux for cpu in part.cpu}
        wasm = any(part.is_wasm for part in self.parts)
        rule = "library.npm.wasm" if wasm else "library.npm.prebuilt"
        detail = f"Linux on {listed(tuple(sorted(on_linux)), most=12)}"
        return make_finding(rule, target, self.evidence, match=self.name, detail=detail)


@dataclass(frozen=True, slots=True)
class NativeAddon:
    """A package that compiles or fetches native code when it is installed."""

    evidence: Evidence
    name: str
    signs: tuple[str, ...]
    platform: Platform

    def judge(self, target: Target) -> Finding | UnknownFact | None:
        """Return a finding: whether it works there cannot be read from the lock."""
        if not self.platform.fits(target):
            return None
        return make_finding(
            "runtime.npm.native-addon",
            target,
            self.evidence,
            match=self.name,
            detail=listed(self.signs),
        )


@dataclass(frozen=True, slots=True)
class InstallScripts:
    """Packages with scripts that run on installation and do something that the lock hides."""

    path: str
    names: tuple[str, ...]
    parts: tuple[str, ...] = ()
    """Their package URLs."""

    def judge(self, target: Target) -> Finding | UnknownFact | None:
        """Return the missing fact."""
        machine = target.architecture.name
        return UnknownFact(
            f"what the install scripts of {listed(self.names)} ({self.path}) do on {machine}",
            f"read the `install` and `postinstall` scripts, or run `npm rebuild` on {machine}",
            self.parts,
        )


@dataclass(frozen=True, slots=True)
class OldLock:
    """A lock file that does not record platforms: npm's version 1, Yarn 1's."""

    path: str
    kind: str = "a version 1 lock file"

    def judge(self, target: Target) -> Finding | UnknownFact | None:
        """Return the missing fact."""
        return UnknownFact(
            f"which packages of {self.path} are for certain platforms only "
            f"({self.kind} does not say)",
            "write the lock anew with `npm install --package-lock-only --lockfile-version 3`",
        )
