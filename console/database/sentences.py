"""What our SQL functions say when they refuse: each sentence of the migrations, marked for translation.

The database speaks English with ``{names}``; `console.database.faults.Refused` tells it in the language of the reader.
"""

from __future__ import annotations

from console.errors import QT_TRANSLATE_NOOP

SENTENCES = (
    QT_TRANSLATE_NOOP("errors", "Rows of {table} are only ever added, never changed or deleted."),
    QT_TRANSLATE_NOOP("errors", "Your post ({role}) may not do this on flood duty."),
    QT_TRANSLATE_NOOP("errors", "There is no warning colour {colour}: blue, yellow, orange and red are known."),
    QT_TRANSLATE_NOOP(
        "errors", "The warning has changed or ended meanwhile: look at the list again; nothing was ticked."
    ),
    QT_TRANSLATE_NOOP("errors", "A report needs a description: say what is wrong."),
    QT_TRANSLATE_NOOP("errors", "The report is dated {at}, in the future: check the clock of the device."),
    QT_TRANSLATE_NOOP("errors", "The report is dated {at}: reports are taken in for 24 hours. Report it as of now."),
    QT_TRANSLATE_NOOP("errors", "The place {x}, {y} lies in no unit grid of the city: check the coordinates."),
    QT_TRANSLATE_NOOP("errors", "The setting {name} is not one that can be chosen."),
    QT_TRANSLATE_NOOP("errors", "Working hours overlap on {day}: mend them."),
    QT_TRANSLATE_NOOP("errors", "Limits have run in the working time of {day}: what has passed cannot be changed."),
    QT_TRANSLATE_NOOP("errors", "The working calendar knows {first} to {last} but not {day}: import that year."),
    QT_TRANSLATE_NOOP("errors", "Your post ({role}) may not make the move “{move}” here."),
    QT_TRANSLATE_NOOP("errors", "Only the head of the department may make the move “{move}”."),
    QT_TRANSLATE_NOOP("errors", "Case {case} is not yours: it is there for another department, zone or person."),
    QT_TRANSLATE_NOOP("errors", "The case is assigned to somebody of the department: take it back from there first."),
    QT_TRANSLATE_NOOP("errors", "The case is assigned to nobody."),
    QT_TRANSLATE_NOOP("errors", "The case is assigned to somebody else of your department."),
    QT_TRANSLATE_NOOP("errors", "A request of the department has not been answered yet."),
    QT_TRANSLATE_NOOP("errors", "There is no request that waits for this answer."),
    QT_TRANSLATE_NOOP("errors", "No supervision waits for a reply."),
    QT_TRANSLATE_NOOP("errors", "The limit was extended twice already, which is the most."),
    QT_TRANSLATE_NOOP("errors", "The case is overdue: it is too late for an extension."),
    QT_TRANSLATE_NOOP("errors", "The case was on account already, which it may be only once."),
    QT_TRANSLATE_NOOP("errors", "The case is not overdue: there is nothing to appeal against."),
    QT_TRANSLATE_NOOP("errors", "There was an appeal already, which there may be only once."),
    QT_TRANSLATE_NOOP(
        "errors",
        "You made the move “{earlier}” in this case: “{move}” must be made by somebody else (separation of duties).",
    ),
    QT_TRANSLATE_NOOP("errors", "There is no class {class} in use."),
    QT_TRANSLATE_NOOP("errors", "A case needs a description: say what is wrong."),
    QT_TRANSLATE_NOOP("errors", "Component {component} is not one of the class of the case."),
    QT_TRANSLATE_NOOP("errors", "The filing condition is not one of the class of the case."),
    QT_TRANSLATE_NOOP("errors", "Filing condition {condition} is not in force any more: choose its present version."),
    QT_TRANSLATE_NOOP(
        "errors",
        "The login {login} belongs to no active member of staff, or lacks the database role of its post.",
    ),
    QT_TRANSLATE_NOOP("errors", "The request number {request} was used for another move already."),
    QT_TRANSLATE_NOOP(
        "errors",
        "The case was changed meanwhile: {who}, “{move}”, {at}. Look at it again; nothing of yours was done.",
    ),
    QT_TRANSLATE_NOOP("errors", "The move “{move}” is not possible while the case is in the state “{state}”."),
    QT_TRANSLATE_NOOP("errors", "The move “{move}” needs this: {field}."),
    QT_TRANSLATE_NOOP("errors", "The move “{move}” does not take this: {field}."),
    QT_TRANSLATE_NOOP("errors", "The last day on account must lie between today and a year ahead; {day} does not."),
    QT_TRANSLATE_NOOP("errors", "Nothing differs from what the case says already."),
    QT_TRANSLATE_NOOP("errors", "This department does not dispose of cases."),
    QT_TRANSLATE_NOOP("errors", "This person cannot be asked: not active, or not of the right post or department."),
    QT_TRANSLATE_NOOP(
        "errors",
        "Cases cannot be merged into this one: it is the same case, merged itself, cancelled or not accepted.",
    ),
    QT_TRANSLATE_NOOP("errors", "The kind of supervision must be timeout, leader or important."),
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
    QT_TRANSLATE_NOOP("errors", "No terminal {phone} has registered."),
    QT_TRANSLATE_NOOP("errors", "There is no vehicle {vehicle}."),
    QT_TRANSLATE_NOOP("errors", "There is a token {name} already: revoke it first."),
    QT_TRANSLATE_NOOP("errors", "A command is for 1 to 1000 vehicles and waits for 1 to 1440 minutes."),
    QT_TRANSLATE_NOOP("errors", "There is a truck {plate} already: choose it instead."),
    QT_TRANSLATE_NOOP(
        "errors", "A truck needs a plate of 4 to 12 letters, the colour of it, a company, and a box of up to 60 m³."
    ),
    QT_TRANSLATE_NOOP("errors", "To block a terminal takes its number and a reason."),
    QT_TRANSLATE_NOOP("errors", "There is no token {name} any more."),
    QT_TRANSLATE_NOOP(
        "errors",
        "A text for a driver is one line of at most 400 bytes in GBK (200 Chinese characters), shown or read aloud.",
    ),
    QT_TRANSLATE_NOOP(
        "errors",
        "The parameter {name} cannot be {value}: report_s is 5–600, report_asleep_s 30–7200, heartbeat_s 10–600, "
        "speed_limit_kmh 20–120.",
    ),
    QT_TRANSLATE_NOOP("errors", "There is no sensor {sensor}."),
    QT_TRANSLATE_NOOP("errors", "“{field}” does not bring what sensor {sensor} measures: choose another one."),
    QT_TRANSLATE_NOOP("errors", "The unit of “{field}” is not known: say by what it is multiplied to be in {unit}."),
    QT_TRANSLATE_NOOP("errors", "Sensor {sensor} cannot be told by a running total and by single values at once."),
    QT_TRANSLATE_NOOP("errors", "A saved filter needs a name of at most 40 characters, and a key from 1 to 9 or none."),
    QT_TRANSLATE_NOOP("errors", "The shared filter “{name}” is {owner}'s: choose another name."),
    QT_TRANSLATE_NOOP("errors", "The filter “{name}” is {owner}'s: only its owner or the shift leader may drop it."),
    QT_TRANSLATE_NOOP("errors", "Your post ({role}) works no shifts that are handed over."),
    QT_TRANSLATE_NOOP(
        "errors", "A hand-over needs notes of at most 2000 characters: write what the next shift has to know."
    ),
    QT_TRANSLATE_NOOP(
        "errors", "A shift is handed to a colleague at the same post, or to whoever comes next: choose one of them."
    ),
    QT_TRANSLATE_NOOP("errors", "At most 200 cases go with a hand-over, all of them cases that you see yourself."),
    QT_TRANSLATE_NOOP("errors", "This hand-over is for another post."),
    QT_TRANSLATE_NOOP("errors", "Your own hand-over is taken over by the next one at your post."),
    QT_TRANSLATE_NOOP("errors", "{who} took this shift over already, {at}."),
    QT_TRANSLATE_NOOP("errors", "Your login belongs to no active member of staff."),
    QT_TRANSLATE_NOOP("errors", "Your post ({role}) may not do this with alarms."),
    QT_TRANSLATE_NOOP("errors", "There is no alarm {alarm}."),
    QT_TRANSLATE_NOOP("errors", "This alarm is case {case} already."),
    QT_TRANSLATE_NOOP("errors", "The alarm was changed meanwhile: look at it again; nothing of yours was done."),
    QT_TRANSLATE_NOOP("errors", "This is not possible while the alarm is in this state."),
    QT_TRANSLATE_NOOP("errors", "Say why: an alarm is not set aside without a reason."),
    QT_TRANSLATE_NOOP("errors", "An alarm can be shelved for 1 to {most} minutes, not for {minutes}."),
    QT_TRANSLATE_NOOP("errors", "There is nothing that could raise this alarm."),
    QT_TRANSLATE_NOOP("errors", "Another gateway judges positions and readings now."),
    QT_TRANSLATE_NOOP("errors", "There is no alarm rule {rule}."),
    QT_TRANSLATE_NOOP("errors", "The alarm rule was changed meanwhile: look at it again; nothing of yours was saved."),
    QT_TRANSLATE_NOOP("errors", "An alarm rule has no part {part} that can be changed."),
    QT_TRANSLATE_NOOP(
        "errors",
        "A part of the alarm rule has a value that it cannot have: figures are wanted, and delays from 0 to "
        "86400 seconds.",
    ),
    QT_TRANSLATE_NOOP("errors", "The further figures of this alarm rule are {keys}: neither more nor fewer."),
    QT_TRANSLATE_NOOP(
        "errors",
        "The clear point must not lie above the set point: an alarm would end before it begins.",
    ),
    QT_TRANSLATE_NOOP(
        "errors",
        "A rule without cause, consequence, action, priority, set point, clear point or delays cannot be enabled.",
    ),
    QT_TRANSLATE_NOOP("errors", "Your post ({role}) may not change permits, areas and sites."),
    QT_TRANSLATE_NOOP("errors", "Somebody has taken this away meanwhile; nothing of yours was saved."),
    QT_TRANSLATE_NOOP("errors", "This was changed meanwhile by {who} at {at}; nothing of yours was saved yet."),
    QT_TRANSLATE_NOOP(
        "errors",
        "The shape cannot be kept: it must lie in the city, be larger than a metre, and its border must not cross "
        "itself.",
    ),
    QT_TRANSLATE_NOOP("errors", "A traffic area has a name, a speed from 0 (no entry) to 120 km/h, and hours."),
    QT_TRANSLATE_NOOP("errors", "The name {name} is taken: choose another one."),
    QT_TRANSLATE_NOOP("errors", "A site has a code and a name, and a dump site a capacity."),
    QT_TRANSLATE_NOOP("errors", "Permits name this site: it stays, so that what they allowed can be told."),
    QT_TRANSLATE_NOOP(
        "errors",
        "A permit has a number, a truck, a work site, a dump site, a volume, hours, and days from first to last, "
        "three years at most.",
    ),
    QT_TRANSLATE_NOOP("errors", "The permit is revoked and is not changed any more: copy it to make a new one."),
    QT_TRANSLATE_NOOP("errors", "A permit is revoked for a reason: write it down."),
)
