"""Words for the codes that sentences of the database speak of: moves to be made, states, roles, fields.

Other codes have their words where they are shown; these are needed wherever a refusal is told, even without a window.
"""

from __future__ import annotations

from console.errors import QT_TRANSLATE_NOOP, translate

STATE = {
    "reported": QT_TRANSLATE_NOOP("words", "Reported"),
    "pending_verify": QT_TRANSLATE_NOOP("words", "To verify"),
    "pending_register": QT_TRANSLATE_NOOP("words", "To file"),
    "pending_dispatch": QT_TRANSLATE_NOOP("words", "To dispatch"),
    "pending_handle": QT_TRANSLATE_NOOP("words", "To take on"),
    "handling": QT_TRANSLATE_NOOP("words", "In disposal"),
    "suspended": QT_TRANSLATE_NOOP("words", "Suspended"),
    "handle_finish": QT_TRANSLATE_NOOP("words", "Disposed"),
    "pending_check": QT_TRANSLATE_NOOP("words", "To check"),
    "checking": QT_TRANSLATE_NOOP("words", "Checking"),
    "check_not_pass": QT_TRANSLATE_NOOP("words", "Check failed"),
    "pending_close": QT_TRANSLATE_NOOP("words", "To close"),
    "returned": QT_TRANSLATE_NOOP("words", "Returned"),
    "closed": QT_TRANSLATE_NOOP("words", "Closed"),
    "forced_close": QT_TRANSLATE_NOOP("words", "Closed by force"),
    "cancelled": QT_TRANSLATE_NOOP("words", "Voided"),
    "not_accepted": QT_TRANSLATE_NOOP("words", "Not accepted"),
    "assessed": QT_TRANSLATE_NOOP("words", "Assessed"),
}
ACT = {
    "report": QT_TRANSLATE_NOOP("words", "Report"),
    "amend": QT_TRANSLATE_NOOP("words", "Amend"),
    "order_verify": QT_TRANSLATE_NOOP("words", "Order verification"),
    "verify": QT_TRANSLATE_NOOP("words", "Verify"),
    "accept": QT_TRANSLATE_NOOP("words", "Accept"),
    "refuse": QT_TRANSLATE_NOOP("words", "Refuse"),
    "merge": QT_TRANSLATE_NOOP("words", "Merge"),
    "file": QT_TRANSLATE_NOOP("words", "File"),
    "cancel": QT_TRANSLATE_NOOP("words", "Void the case"),
    "dispatch": QT_TRANSLATE_NOOP("words", "Dispatch"),
    "return": QT_TRANSLATE_NOOP("words", "Return"),
    "department_accept": QT_TRANSLATE_NOOP("words", "Take on"),
    "assign": QT_TRANSLATE_NOOP("words", "Assign"),
    "revoke_assign": QT_TRANSLATE_NOOP("words", "Take back the assignment"),
    "request_extension": QT_TRANSLATE_NOOP("words", "Ask for an extension"),
    "request_suspension": QT_TRANSLATE_NOOP("words", "Ask for suspension"),
    "endorse": QT_TRANSLATE_NOOP("words", "Endorse"),
    "extend": QT_TRANSLATE_NOOP("words", "Extend the limit"),
    "refuse_request": QT_TRANSLATE_NOOP("words", "Refuse the request"),
    "refuse_extension": QT_TRANSLATE_NOOP("words", "Refuse the extension"),
    "suspend": QT_TRANSLATE_NOOP("words", "Suspend"),
    "resume": QT_TRANSLATE_NOOP("words", "Resume"),
    "overdue": QT_TRANSLATE_NOOP("words", "Mark as overdue"),
    "dispose": QT_TRANSLATE_NOOP("words", "Finish disposal"),
    "feed_back": QT_TRANSLATE_NOOP("words", "Feed back"),
    "order_check": QT_TRANSLATE_NOOP("words", "Order the check"),
    "check": QT_TRANSLATE_NOOP("words", "Check"),
    "rework": QT_TRANSLATE_NOOP("words", "Send to rework"),
    "close": QT_TRANSLATE_NOOP("words", "Close the case"),
    "force_close": QT_TRANSLATE_NOOP("words", "Close by force"),
    "reopen": QT_TRANSLATE_NOOP("words", "Reopen"),
    "urge": QT_TRANSLATE_NOOP("words", "Urge"),
    "supervise": QT_TRANSLATE_NOOP("words", "Supervise"),
    "reply": QT_TRANSLATE_NOOP("words", "Reply"),
    "appeal": QT_TRANSLATE_NOOP("words", "Appeal"),
    "review_appeal": QT_TRANSLATE_NOOP("words", "Review the appeal"),
    "decide_appeal": QT_TRANSLATE_NOOP("words", "Decide the appeal"),
    "assess": QT_TRANSLATE_NOOP("words", "Assess"),
}
"""Moves to be made, as commands are called; what was done is told in `console.widgets.shared.words.MOVE`."""
ROLE = {
    "acceptor": QT_TRANSLATE_NOOP("words", "Acceptor"),
    "dispatcher": QT_TRANSLATE_NOOP("words", "Dispatcher"),
    "shift_leader": QT_TRANSLATE_NOOP("words", "Shift leader"),
    "department": QT_TRANSLATE_NOOP("words", "Department"),
    "engineer": QT_TRANSLATE_NOOP("words", "Drainage engineer"),
    "supervisor": QT_TRANSLATE_NOOP("words", "Supervisor"),
    "inspector": QT_TRANSLATE_NOOP("words", "Inspector"),
    "gateway": QT_TRANSLATE_NOOP("words", "Gateway"),
    "administrator": QT_TRANSLATE_NOOP("words", "Administrator"),
}
FIELD = {
    "opinion": QT_TRANSLATE_NOOP("words", "Opinion"),
    "class": QT_TRANSLATE_NOOP("words", "Class"),
    "condition": QT_TRANSLATE_NOOP("words", "Filing condition"),
    "department": QT_TRANSLATE_NOOP("words", "Department"),
    "staff": QT_TRANSLATE_NOOP("words", "Person"),
    "passed": QT_TRANSLATE_NOOP("words", "Result"),
    "until": QT_TRANSLATE_NOOP("words", "Last day"),
    "other_case": QT_TRANSLATE_NOOP("words", "Other case"),
    "component": QT_TRANSLATE_NOOP("words", "Component"),
    "address": QT_TRANSLATE_NOOP("words", "Address"),
    "description": QT_TRANSLATE_NOOP("words", "Description"),
    "level": QT_TRANSLATE_NOOP("words", "Level"),
    "place": QT_TRANSLATE_NOOP("words", "Place"),
    "kind": QT_TRANSLATE_NOOP("words", "Kind of supervision"),
}
"""Arguments of a move, as `console.models.cases.moves.PossibleMove` names them."""

TABLE = {
    "filing_condition": QT_TRANSLATE_NOOP("words", "Filing condition"),
    "case_class": QT_TRANSLATE_NOOP("words", "Class"),
    "department": QT_TRANSLATE_NOOP("words", "Department"),
    "staff": QT_TRANSLATE_NOOP("words", "Post"),
    "team": QT_TRANSLATE_NOOP("words", "Patrol team"),
    "login": QT_TRANSLATE_NOOP("words", "Login"),
    "shift": QT_TRANSLATE_NOOP("words", "Shift"),
    "roster": QT_TRANSLATE_NOOP("words", "Roster"),
    "calendar_day": QT_TRANSLATE_NOOP("words", "Calendar day"),
    "working_hours": QT_TRANSLATE_NOOP("words", "Working hours"),
    "setting": QT_TRANSLATE_NOOP("words", "Setting"),
    "opinion_text": QT_TRANSLATE_NOOP("words", "Opinion text"),
    "duty_item": QT_TRANSLATE_NOOP("words", "Item of flood duty"),
    "driver_phrase": QT_TRANSLATE_NOOP("words", "Phrase for drivers"),
    "case_file": QT_TRANSLATE_NOOP("words", "Case"),
    "case_event": QT_TRANSLATE_NOOP("words", "Case"),
    "component": QT_TRANSLATE_NOOP("words", "Component"),
}
"""Tables, by what one of their rows is."""

_SPOKEN = {"state": STATE, "move": ACT, "earlier": ACT, "role": ROLE, "field": FIELD, "table": TABLE}


def spoken(values: dict[str, object], language: str) -> dict[str, object]:
    """The values of a sentence in `language`: codes as words, and of names in two languages the right one.

    What is called ``who_en`` is the English of ``who``; a code without a word stays as it is.
    """
    said = dict(values)
    for name, value in values.items():
        vocabulary = _SPOKEN.get(name, {})
        if value in vocabulary:
            said[name] = translate(vocabulary[str(value)], language, "words")
        if not language.startswith("zh") and f"{name}_en" in values:
            said[name] = values[f"{name}_en"]
    return said
