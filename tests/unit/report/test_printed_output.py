"""What a playbook prints for people, line by line."""

from __future__ import annotations

from tripod.report.output import ERASE_LINE, Output, Tone


def printed() -> tuple[Output, list[tuple[str, Tone]]]:
    """Return an output without a terminal, and the list that it prints to."""
    shown: list[tuple[str, Tone]] = []
    return Output(lambda text, tone: shown.append((text, tone)), None), shown


def test_a_task_is_one_line_below_its_play() -> None:
    """A play's name comes with its first line; a task names the hosts that it changed."""
    output, shown = printed()
    output.play("Deploy")
    output.task("Look", shown_live=True)
    output.ran("a", changed=False, of_interest=False)  # book-keeping is not shown
    output.task("Copy", shown_live=True)
    output.ran("a", changed=True, of_interest=True)
    output.ran("b", changed=True, of_interest=True)
    output.task("Ask", shown_live=True)
    output.ran("a", changed=False, of_interest=True)
    output.end_task()
    assert shown == [
        ("\nDeploy", Tone.HEADING),
        ("  Copy  [changed: a, b]", Tone.CHANGED),
        ("  Ask", Tone.OK),
    ]


def test_a_failure_is_told_once_below_its_task() -> None:
    """The task is named before the first text; its own line does not come again."""
    output, shown = printed()
    output.play("Deploy")
    output.task("Copy", shown_live=True)
    output.failed("a", ["no room\nleft"], goes_on=False)
    output.unreachable("b cannot be reached: refused\n  Check: sshd", goes_on=True)
    output.end_task()
    assert [text for text, _ in shown] == [
        "\nDeploy",
        "  Copy",
        "    FAILED: a: no room\n    left",
        "    UNREACHABLE: b cannot be reached: refused (the run goes on)",
    ]


def test_a_task_that_speaks_itself_has_no_line() -> None:
    """Its play's name stands above what it prints."""
    output, shown = printed()
    output.play("Measure every trial")
    output.task("Measure trial after trial", shown_live=True, speaks_itself=True)
    output.ran("a", changed=True, of_interest=True)
    output.end_task()
    assert shown == [("\nMeasure every trial", Tone.HEADING)]


def test_on_a_terminal_what_goes_on_is_shown_and_erased() -> None:
    """A live line is cut to a narrow terminal, and gone before anything is printed."""
    written: list[str] = []
    output = Output(lambda text, _: written.append(text), written.append)
    output.task("x" * 100, shown_live=True)
    output.ran("a", changed=True, of_interest=True)
    output.end_task()
    live = written.index(f"  {'x' * 70} …")
    assert written[live + 1] == ERASE_LINE
    assert written[-1].endswith("[changed: a]")
