"""What is said of a row that is not here, or that may not be seen: the same words for both."""

from __future__ import annotations

ABSENT = {
    "case": ("There is no such case here.", "Check the reference, or ask a lead."),
    "report": ("There is no such report here.", "Take the report in first."),
    "requester": ("There is no such requester here.", "Look them up by name."),
    "note": ("There is no such note on this case.", "Look at the timeline."),
    "link": ("There is no such link on this case.", "Look at its links."),
    "decision": ("There is no such decision on this case.", "Look at the timeline."),
    "consult": ("There is no such question on this case.", "Look at its consults."),
    "message": ("There is no such letter on this case.", "Look at its letters."),
    "task": ("There is no such task on this case.", "Look at its tasks."),
    "statement": ("There is no such statement on this case.", "Look at its decision."),
    "media": ("There is no such file on this case.", "Look at its files."),
    "incident": ("There is no such incident here.", "Look at the list of incidents."),
    "ruling": ("There is no such standing call on this incident.", "Look at the incident."),
    "handover": ("There is no such handover here.", "Look at the shift."),
    "watch": ("There is no such watch here.", "Look at the shift."),
    "risk": ("There is no such risk here.", "Look at the shift."),
    "insight": ("There is no such insight here.", "Look at the insights."),
    "recommendation": ("There is no such recommendation here.", "Look at the insights."),
    "goal": ("There is no such goal here.", "Look at the insights."),
    "network": ("There is no such network here.", "Look at the account."),
    "update": ("There is no such update on this case.", "Write a new one."),
}
