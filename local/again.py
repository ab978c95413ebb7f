"""`ferry again` and `ferry dead-letters`: jobs once more, and why the worker gave runs up."""

from __future__ import annotations

from collections.abc import Sequence

from fileferry.actions.asked import Asked, Request
from fileferry.actions.performing import perform
from fileferry.dead_letters import DeadLetter, DeadLetterQueue, take_up
from fileferry.errors import FerryError
from fileferry.model.job import Action
from local.console import console
from local.services import services_of
from local.stack import Stack

_HAND = Request("ferry", "by hand, with the account's own credentials")


def send_again(stack: Stack, job_ids: Sequence[str]) -> bool:
    """Redrive each job, and print its new run; False when one of them could not be."""
    world = services_of(stack)
    refused = 0
    for job_id in job_ids:
        try:
            job = perform(world, job_id, Asked(Action.REDRIVE), _HAND)
            console.print(f"✓ {job_id}: run {job.run}", markup=False)
        except FerryError as error:
            console.print(f"✗ {error}", markup=False, style="red")
            refused += 1
    return not refused


def print_dead_letters(stack: Stack) -> None:
    """Print the messages of the worker's dead-letter queue, which stay there."""
    queue = DeadLetterQueue(stack.sqs, stack["WorkDlqUrl"])
    letters = queue.read()
    for letter in letters:
        console.print(letter_text(letter), markup=False)
        queue.give_back(letter)
    if not letters:
        console.print("There are none.")


def send_dead_letters_again(stack: Stack) -> bool:
    """Have what each dead letter is about go on, and remove it then; False when one of them had to stay."""
    world, queue = services_of(stack), DeadLetterQueue(stack.sqs, stack["WorkDlqUrl"])
    letters = queue.read()
    stayed = 0
    for letter in letters:
        try:
            console.print(f"✓ {take_up(world, letter, _HAND)}", markup=False)
            queue.remove(letter)
        except FerryError as error:
            console.print(f"✗ {error}", markup=False, style="red")
            queue.give_back(letter)
            stayed += 1
    if not letters:
        console.print("There are none.")
    return not stayed


def letter_text(letter: DeadLetter) -> str:
    """A dead letter in one line; the text of what is no message of ours, too."""
    told = f"{letter.error}: {letter.reason}" if letter.error else letter.reason
    if letter.job is None:
        return f"{letter.at[:19]}  {told}  {letter.body[:200]}"
    return f"{letter.at[:19]}  {letter.job.job_id} run {letter.job.run}  {letter.job.filename}  {told}"
