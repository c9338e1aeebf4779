"""No sandbox: limits on time, output, memory, processes and disk, and nothing else."""

from __future__ import annotations

import os

from duanban.proof.sandbox.interface import Job, Limits, Ran
from duanban.proof.sandbox.limited import limited, surroundings
from duanban.proof.sandbox.watch import watched


class Bare:
    """Runs on the machine as it is, with the user's rights: only for code that is trusted."""

    name = "none"
    version = ""

    def run(self, job: Job, limits: Limits) -> Ran:
        """Run `job` where it stands."""
        return watched(
            limited(job.command, limits),
            limits,
            directory=job.directory,
            environment=surroundings(job, os.environ.get("PATH", "")),
            writable=job.writable,
        )
