"""The rows of ``city.case_event``: what was done to each case, by whom, and what was said."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from console.database.bulk import Coded
from console.simulation.generator.cases.steps import MOVE_OF_STEP, MOVES, STATE_OF_STEP, STATES, Step
from console.simulation.generator.cases.timeline import NEVER, ZONE_OFFSET_S

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from console.models.catalogue import Catalogue
    from console.simulation.generator.cases.fates import Fates
    from console.simulation.generator.organisation import Organisation
    from console.simulation.generator.tables import Table

    Integers = NDArray[np.integer[Any]]

ASSESS = MOVES.index("assess")
ASSESSED, REPORTED = STATES.index("assessed"), STATES.index("reported")
# Who takes each step: the kind of post on duty; the department's handler or its head; the reporter; nobody.
HANDLER, HEAD, REPORTER, NOBODY = "unit", "lead", "reporter", ""
ACTOR = {
    Step.REPORT: REPORTER,
    Step.ACCEPT: "acceptor",
    Step.ORDER_VERIFY: "acceptor",
    Step.VERIFY: "inspector",
    Step.REFUSE: "shift_leader",
    Step.MERGE: "acceptor",
    Step.FILE: "shift_leader",
    Step.CANCEL: "shift_leader",
    Step.DISPATCH: "dispatcher",
    Step.RETURN: HANDLER,
    Step.DISPATCH_AGAIN: "dispatcher",
    Step.TAKE: HANDLER,
    Step.SUPERVISE: "leader",
    Step.REQUEST_EXTENSION: HEAD,
    Step.EXTEND: "dispatcher",
    Step.REFUSE_EXTENSION: "dispatcher",
    Step.SUSPEND: "dispatcher",
    Step.RESUME: NOBODY,
    Step.FORCE_CLOSE: "shift_leader",
    Step.OVERDUE: NOBODY,
    Step.DISPOSE: HANDLER,
    Step.FEED_BACK: "dispatcher",
    Step.ORDER_CHECK: "acceptor",
    Step.CHECK: "inspector",
    Step.REWORK: "dispatcher",
    Step.TAKE_AGAIN: HANDLER,
    Step.DISPOSE_AGAIN: HANDLER,
    Step.FEED_BACK_AGAIN: "dispatcher",
    Step.ORDER_CHECK_AGAIN: "acceptor",
    Step.CHECK_AGAIN: "inspector",
    Step.CLOSE: "shift_leader",
    Step.APPEAL: HANDLER,
    Step.REVIEW_APPEAL: "dispatcher",
    Step.DECIDE_APPEAL: "acceptor",
}
# Steps that concern a department, which the event names.
OF_DEPARTMENT = (
    Step.DISPATCH, Step.RETURN, Step.DISPATCH_AGAIN, Step.TAKE, Step.SUPERVISE, Step.REQUEST_EXTENSION, Step.EXTEND,
    Step.REFUSE_EXTENSION, Step.SUSPEND, Step.RESUME, Step.FORCE_CLOSE, Step.OVERDUE, Step.DISPOSE, Step.REWORK,
    Step.TAKE_AGAIN, Step.DISPOSE_AGAIN, Step.APPEAL, Step.REVIEW_APPEAL, Step.DECIDE_APPEAL,
)  # fmt: skip
OPINIONS = {
    Step.ACCEPT: "予以受理",
    Step.ORDER_VERIFY: "请现场核实",
    Step.VERIFY: "现场情况属实",
    Step.REFUSE: "不属于受理范围，不予立案",
    Step.MERGE: "与已有案件重复，合并处理",
    Step.FILE: "符合立案条件，予以立案",
    Step.CANCEL: "立案信息有误，作废",
    Step.DISPATCH: "请按时限处置并反馈",
    Step.RETURN: "不属本单位职责，申请回退",
    Step.DISPATCH_AGAIN: "重新派遣，请按时限处置并反馈",
    Step.TAKE: "已接收，安排处置",
    Step.SUPERVISE: "请抓紧处置并回复",
    Step.REQUEST_EXTENSION: "现场条件受限，申请延期",
    Step.EXTEND: "同意延期",
    Step.REFUSE_EXTENSION: "理由不充分，不同意延期",
    Step.SUSPEND: "受季节、资金所限暂不能处置，同意挂账",
    Step.RESUME: "挂账到期，恢复处置",
    Step.FORCE_CLOSE: "现场情况已变化，强制结案",
    Step.FEED_BACK: "处置完毕，申请核查",
    Step.ORDER_CHECK: "请现场核查",
    Step.CHECK: "核查通过，问题已解决",
    Step.REWORK: "核查未通过，请返工处置",
    Step.TAKE_AGAIN: "已接收，安排返工",
    Step.FEED_BACK_AGAIN: "返工完毕，申请核查",
    Step.ORDER_CHECK_AGAIN: "请再次现场核查",
    Step.CHECK_AGAIN: "核查通过，问题已解决",
    Step.CLOSE: "达到结案条件，同意结案",
    Step.APPEAL: "因客观原因超期，申请复核",
    Step.REVIEW_APPEAL: "申诉不成立",
    Step.DECIDE_APPEAL: "申诉成立",
}
UNSEEN, REFUSED_UNSEEN = "现场未发现上报问题", "核实未发现问题，不予立案"
NOT_PASSED, REASONABLE, DIRECT = "核查未通过，问题仍存在", "理由充分，建议免除超期", "情况属实，直接考核"


@dataclass(frozen=True)
class Actors:
    """Who is concerned with each case: ids of departments and posts (0 for nobody), one entry a case."""

    reporter: NDArray[np.int32]
    department: NDArray[np.int32]
    wrong_department: NDArray[np.int32]
    zone: NDArray[np.int16]


def loop_events(
    rng: np.random.Generator,
    organisation: Organisation,
    fates: Fates,
    at: NDArray[np.int64],
    actors: Actors,
    condition: Integers,
    until: NDArray[np.datetime64],
    merged_into: NDArray[np.int64],
) -> Table:
    """Events of the closed-loop cases, in the order of their cases; `case` is the place of the case among them.

    Codes stand for moves, states, opinions and details; `finish` makes columns of them.
    """
    catalogue = organisation.catalogue
    case, step = np.nonzero(at.T != NEVER)
    when = at[step, case]
    first = np.append(True, np.diff(case) > 0)
    seq = np.arange(len(case)) - np.flatnonzero(first)[np.cumsum(first) - 1] + 1
    to_state = np.array(STATE_OF_STEP, np.int8)[step]
    not_passed = (step == Step.CHECK) & (fates.reworked | fates.failed)[case]
    to_state[not_passed] = STATES.index("check_not_pass")
    marked = np.flatnonzero(step == Step.OVERDUE)
    to_state[marked] = to_state[marked - 1]
    staff, department = _who(rng, organisation, actors, case, step, when)
    opinion = np.array([_WORDS.index(OPINIONS.get(s, "")) for s in Step])[step]
    disposed = np.isin(step, [Step.DISPOSE, Step.DISPOSE_AGAIN])
    opinion[disposed] = len(_WORDS) + condition[case[disposed]]
    for chosen, words in (
        ((step == Step.VERIFY) & fates.unseen[case], UNSEEN),
        ((step == Step.REFUSE) & fates.unseen[case], REFUSED_UNSEEN),
        (not_passed, NOT_PASSED),
        ((step == Step.REVIEW_APPEAL) & fates.granted[case], REASONABLE),
    ):
        opinion[chosen] = _WORDS.index(words)
    detail, details = _details(catalogue, fates, case, step, condition, until, merged_into, not_passed)
    return {
        "case": case,
        "seq": seq,
        "at": when,
        "move": np.array(MOVE_OF_STEP, np.int8)[step],
        "from_state": np.where(first, -1, np.roll(to_state, 1)).astype(np.int8),
        "to_state": to_state,
        "staff_id": staff,
        "department_id": department,
        "used_s": np.where(first, 0, when - np.roll(when, 1)),
        "opinion": opinion,
        "detail": detail,
        "details": details,
    }


_WORDS = ["", *dict.fromkeys((*OPINIONS.values(), UNSEEN, REFUSED_UNSEEN, NOT_PASSED, REASONABLE, DIRECT))]


def opinion_words(catalogue: Catalogue) -> list[str | None]:
    """What the opinion codes stand for: set phrases, then what each condition asks for when a case is closed."""
    return [None, *_WORDS[1:], *(row.closing for row in catalogue.conditions)]


def _who(
    rng: np.random.Generator,
    organisation: Organisation,
    actors: Actors,
    case: NDArray[np.intp],
    step: NDArray[np.intp],
    when: NDArray[np.int64],
) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Post (0 for nobody) and department (0 for none) of each event."""
    hours = (when + ZONE_OFFSET_S) // 3600
    luck = rng.random(len(case))
    staff = np.zeros(len(case), np.int32)
    department = np.where(np.isin(step, OF_DEPARTMENT), actors.department[case], 0).astype(np.int32)
    # Until it was sent back, the case was the other department's.
    returned = np.isin(case, case[step == Step.RETURN]) & np.isin(step, [Step.DISPATCH, Step.RETURN])
    department[returned] = actors.wrong_department[case[returned]]
    of_unit = {kind: np.zeros(len(organisation.catalogue.departments) + 1, np.int32) for kind in (HANDLER, HEAD)}
    for kind, posts in ((HANDLER, organisation.handler_of), (HEAD, organisation.head_of)):
        of_unit[kind][list(posts)] = list(posts.values())
    for kind in sorted(set(ACTOR.values()) - {NOBODY}):
        mine = np.isin(step, [s for s in Step if ACTOR[s] == kind])
        if kind == REPORTER:
            staff[mine] = actors.reporter[case[mine]]
        elif kind in of_unit:
            staff[mine] = of_unit[kind][department[mine]]
        elif kind == "leader":
            staff[mine] = next(post.id for post in organisation.posts if post.kind == kind)
        else:
            teams = actors.zone[case[mine]] if kind == "inspector" else None
            staff[mine] = organisation.on_duty(kind, hours[mine], luck[mine], teams)
    return staff, department


def _details(
    catalogue: Catalogue,
    fates: Fates,
    case: NDArray[np.intp],
    step: NDArray[np.intp],
    condition: Integers,
    until: NDArray[np.datetime64],
    merged_into: NDArray[np.int64],
    not_passed: NDArray[np.bool_],
) -> tuple[NDArray[np.int32], list[str]]:
    """What a step decided, as positions in a list of JSON texts; -1 where there is nothing to say."""
    # The first ones say which condition was chosen; those of direct assessment are among them.
    details = [json.dumps({"condition_id": number}) for number in range(1, len(catalogue.conditions) + 1)]
    code = np.full(len(case), -1, np.int32)
    chosen = step == Step.FILE
    code[chosen] = condition[case[chosen]]

    def put(chosen: NDArray[np.bool_], value: dict[str, Any]) -> None:
        if chosen.any():
            code[chosen] = len(details)
            details.append(json.dumps(value))

    put((step == Step.VERIFY) & fates.unseen[case], {"exists": False})
    put((step == Step.VERIFY) & ~fates.unseen[case], {"exists": True})
    checked = np.isin(step, [Step.CHECK, Step.CHECK_AGAIN])
    put(checked & ~not_passed, {"passed": True})
    put(not_passed, {"passed": False})
    appealed = np.isin(step, [Step.REVIEW_APPEAL, Step.DECIDE_APPEAL])
    put(appealed & fates.granted[case], {"granted": True})
    put(appealed & ~fates.granted[case], {"granted": False})
    put(step == Step.REQUEST_EXTENSION, {"endorsed": True})
    for place in np.flatnonzero(step == Step.MERGE):
        code[place] = len(details)
        details.append(json.dumps({"other_case_id": int(merged_into[case[place]])}))
    limits = {(row.limit_value, row.limit_unit.value) for row in catalogue.conditions}
    values = np.array([row.limit_value for row in catalogue.conditions])[condition[case]]
    units = np.array([row.limit_unit.value for row in catalogue.conditions])[condition[case]]
    sent = np.isin(step, [Step.DISPATCH, Step.DISPATCH_AGAIN, Step.EXTEND])
    for value, unit in sorted(limits):
        put(sent & (values == value) & (units == unit), {"limit_value": value, "limit_unit": unit})
    suspended = step == Step.SUSPEND
    for day in np.unique(until[case[suspended]]):
        put(suspended & (until[case] == day), {"until": str(day)})
    return code, details


def direct_events(
    rng: np.random.Generator,
    organisation: Organisation,
    reported: NDArray[np.int64],
    assessed: NDArray[np.int64],
    actors: Actors,
    condition: Integers,
) -> Table:
    """Events of the direct-assessment cases: report and assessment, one after the other for each case."""
    count = len(reported)
    when = np.column_stack((reported, assessed)).ravel()
    hours = (assessed + ZONE_OFFSET_S) // 3600
    acceptor = organisation.on_duty("acceptor", hours, rng.random(count))
    second = np.tile([False, True], count)
    return {
        "case": np.repeat(np.arange(count), 2),
        "seq": np.tile([1, 2], count),
        "at": when,
        "move": np.where(second, ASSESS, MOVES.index("report")).astype(np.int8),
        "from_state": np.where(second, REPORTED, -1).astype(np.int8),
        "to_state": np.where(second, ASSESSED, REPORTED).astype(np.int8),
        "staff_id": np.column_stack((actors.reporter, acceptor)).ravel(),
        "department_id": np.where(second, np.repeat(actors.department, 2), 0).astype(np.int32),
        "used_s": np.where(second, np.repeat(assessed - reported, 2), 0),
        "opinion": np.where(second, _WORDS.index(DIRECT), 0),
        "detail": np.column_stack((np.full(count, -1, np.int32), condition.astype(np.int32))).ravel(),
    }


def finish(catalogue: Catalogue, case_id: NDArray[np.int64], parts: list[Table], details: list[str]) -> Table:
    """The columns of ``city.case_event``, in the order of cases and steps.

    Args:
        catalogue: has the words of disposal.
        case_id: ids of the cases of the parts, one part after the other.
        parts: events of disjoint cases, whose `case` counts from 0 in each part.
        details: what the details' codes stand for.
    """
    offsets = np.cumsum([0, *(int(part["case"][-1]) + 1 if len(part["case"]) else 0 for part in parts)])
    owner = case_id[np.concatenate([part["case"] + start for part, start in zip(parts, offsets, strict=False)])]
    joined = {
        name: np.concatenate([part[name] for part in parts]) for name in parts[0] if name not in ("case", "details")
    }
    # Each part is in the order of its cases' steps, so a stable sort by case is enough.
    order = np.argsort(owner, kind="stable")
    joined = {name: column[order] for name, column in joined.items()}
    return {
        "case_id": owner[order],
        "seq": joined["seq"].astype(np.int16),
        "at": joined["at"].astype("M8[s]"),
        "move": Coded(joined["move"], MOVES),
        "from_state": Coded(joined["from_state"], STATES),
        "to_state": Coded(joined["to_state"], STATES),
        "staff_id": np.ma.masked_equal(joined["staff_id"], 0),
        "department_id": np.ma.masked_equal(joined["department_id"], 0),
        "used_s": joined["used_s"].astype(np.int32),
        "opinion": Coded(joined["opinion"], opinion_words(catalogue)),
        "detail": Coded(joined["detail"], details),
    }
