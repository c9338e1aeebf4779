"""Answers to findings: fixers that write patches."""

from duanban.answers.interface import Change, Edit, How, Proposal, Refusal, Unanswered
from duanban.answers.propose import propose, propose_for
from duanban.answers.write import write_files

__all__ = [
    "Change",
    "Edit",
    "How",
    "Proposal",
    "Refusal",
    "Unanswered",
    "propose",
    "propose_for",
    "write_files",
]
