"""What the database says when it refuses a configuration: the sentences of ``closed_loop/4x_*.sql``, to translate."""

from __future__ import annotations

from console.errors import QT_TRANSLATE_NOOP

REFUSALS = (
    QT_TRANSLATE_NOOP("errors", "The setting {name} is relied on by rules; change its value instead."),
    QT_TRANSLATE_NOOP("errors", "{name} cannot be {value}: it must be {allowed}."),
    QT_TRANSLATE_NOOP("errors", "The setting {name} has no part {field}."),
    QT_TRANSLATE_NOOP(
        "errors",
        "A new version of the condition {condition} follows version {version}, after its last day and not in the past.",
    ),
    QT_TRANSLATE_NOOP(
        "errors",
        "Version {version} of the condition {condition} was in force and is never changed: end it and add a new "
        "version.",
    ),
    QT_TRANSLATE_NOOP("errors", "The standard cannot be changed from {day} on, in the past."),
    QT_TRANSLATE_NOOP(
        "errors",
        "The condition {condition} came into force on {day} and cases may have been filed under it: let the change "
        "begin later.",
    ),
    QT_TRANSLATE_NOOP("errors", "The condition {condition} was changed meanwhile by {login} at {at}."),
    QT_TRANSLATE_NOOP(
        "errors",
        "The code of the class {class} stands in cases and components and never changes: add a class of its own.",
    ),
    QT_TRANSLATE_NOOP("errors", "The department {name} cannot belong to itself or to one of its own parts."),
    QT_TRANSLATE_NOOP("errors", "The last active administrator stays: give another post that role first."),
    QT_TRANSLATE_NOOP("errors", "The hours {hours} from {day} on overlap {other} from {other_day} on."),
    QT_TRANSLATE_NOOP("errors", "Only an active post that has a login gets a password."),
    QT_TRANSLATE_NOOP("errors", "A password is set by its verifier (SCRAM-SHA-256), never as plain text."),
    QT_TRANSLATE_NOOP(
        "errors",
        "The server uses the name {login} for something else than a login of this city: choose another name.",
    ),
    QT_TRANSLATE_NOOP(
        "errors",
        "The owner of the database may not manage the login {login}: let the server's administrator give it "
        "CREATEROLE, or keep logins by hand.",
    ),
)
