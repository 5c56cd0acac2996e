"""What else may befall a run, with the test that shows it: the second table of the page."""

EVENTS = (
    (
        "SIGKILL at any moment",
        "what is on disk stays",
        "",
        "what was not on disk yet",
        "test_chaos_kills.test_killed_at_any_moment_nothing_is_lost_or_asked_twice",
    ),
    (
        "Ctrl-C, SIGTERM, SIGHUP",
        "what is open is waited for, kept and scored",
        "1",
        "what had not been asked",
        "test_chaos_process.test_a_signal_lets_what_is_open_finish",
    ),
    (
        "SIGHUP under `nohup`",
        "goes on",
        "0",
        "nothing",
        "test_chaos_process.test_a_signal_that_is_ignored_stays_ignored",
    ),
    (
        "a second signal",
        "ends at once",
        "",
        "what was in flight",
        "test_chaos_process.test_a_second_signal_ends_a_run_at_once",
    ),
    (
        "a second process on the folder",
        "is sent away, the first goes on",
        "2",
        "nothing",
        "test_chaos_process.test_a_second_process_is_sent_away",
    ),
    (
        "the server dies and comes back",
        "asked again",
        "0",
        "nothing",
        "test_chaos_process.test_a_server_that_dies_and_comes_back",
    ),
    (
        "half of all requests fail",
        "asked again",
        "0",
        "nothing",
        "test_chaos_faults.test_half_of_all_requests_may_fail",
    ),
    (
        "a certificate that is self-signed, expired or another host's",
        "stops at once, before anything is sent",
        "2",
        "everything",
        "test_chaos_tls.test_a_certificate_that_is_not_accepted_ends_the_run",
    ),
    (
        "the disk is full",
        "stops; what is on disk stays",
        "2",
        "what has no answer",
        "test_chaos_disk.test_a_full_disk_ends_the_run_and_loses_nothing",
    ),
    (
        "the folder cannot be written",
        "nothing is asked",
        "2",
        "what has no answer",
        "test_chaos_disk.test_a_folder_that_cannot_be_written_is_named",
    ),
    (
        "the journal is cut, or no SQLite file",
        "nothing is asked, nothing written",
        "2",
        "nothing, until a copy is back",
        "test_chaos_disk.test_a_cut_journal_is_refused",
    ),
    (
        "a page of the journal is rubbish",
        "nothing is asked, nothing written",
        "2",
        "nothing, until a copy is back",
        "test_chaos_disk.test_a_page_of_rubbish_is_refused",
    ),
    (
        "the journal's `-wal` is gone after a kill",
        "nothing is asked, nothing written",
        "2",
        "nothing, until it is back",
        "test_chaos_disk.test_a_write_ahead_log_that_is_gone_is_missed",
    ),
    (
        "the clock jumps by a year, either way",
        "nothing",
        "0",
        "nothing",
        "test_chaos_process.test_a_clock_that_jumps_disturbs_nothing",
    ),
)
"""What happens, what medtrust does, the exit code where it is its own, what the same command asks
again, and the test."""


def table() -> str:
    """All events in Markdown."""
    rows = [" | ".join(("", *row[:4], "")).strip() for row in EVENTS]
    head = (
        "| event | what happens | exit code | asked again by the same command |",
        "|---|---|--:|---|",
    )
    return "\n".join((*head, *rows))
