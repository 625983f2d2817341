"""Who may do what: roles and permissions, in one table."""

import enum


class Permission(enum.StrEnum):
    """An act that a role may be allowed."""

    INSPECTION_OPEN = "inspection.open"
    INSPECTION_FILL = "inspection.fill"
    INSPECTION_READ = "inspection.read"
    INSPECTION_REVIEW = "inspection.review"
    CHECKLIST_READ = "checklist.read"
    FINDING_READ = "finding.read"
    DOCUMENT_READ = "document.read"
    DOCUMENT_DRAFT = "document.draft"
    DOCUMENT_ISSUE = "document.issue"
    DOCUMENT_MEND = "document.mend"
    REPORT_FILE = "report.file"
    RECTIFICATION_REPORT = "rectification.report"
    ARCHIVE_READ = "archive.read"
    ARCHIVE_CHECK = "archive.check"
    PEOPLE_MANAGE = "people.manage"
    DEVICE_READ = "device.read"
    DEVICE_REVOKE = "device.revoke"
    RESCUE_IMPORT = "rescue.import"
    POLICY_READ = "policy.read"
    POLICY_ENTER = "policy.enter"
    POLICY_CONFIRM = "policy.confirm"


class Role(enum.StrEnum):
    """What a person is in the bureau (domain notes, process §1)."""

    INSPECTOR = "inspector"
    SUPERVISOR = "line_leader"
    ARCHIVIST = "archivist"
    ADMIN = "sysadmin"
    UNIT_HEAD = "unit_head"
    STAFF = "staff"


P = Permission
ROLES: dict[Role, frozenset[Permission]] = {
    Role.INSPECTOR: frozenset(
        {P.INSPECTION_OPEN, P.INSPECTION_FILL, P.INSPECTION_READ, P.CHECKLIST_READ,
         P.DOCUMENT_READ, P.DOCUMENT_DRAFT, P.REPORT_FILE}
    ),
    Role.SUPERVISOR: frozenset(
        {P.INSPECTION_REVIEW, P.INSPECTION_READ, P.CHECKLIST_READ, P.DOCUMENT_READ,
         P.DOCUMENT_ISSUE, P.FINDING_READ, P.ARCHIVE_READ, P.REPORT_FILE, P.DEVICE_READ,
         P.RESCUE_IMPORT, P.POLICY_READ, P.POLICY_ENTER, P.POLICY_CONFIRM}
    ),
    Role.ARCHIVIST: frozenset(
        {P.ARCHIVE_READ, P.ARCHIVE_CHECK, P.DOCUMENT_READ, P.REPORT_FILE}
    ),
    Role.ADMIN: frozenset(
        {P.PEOPLE_MANAGE, P.DOCUMENT_MEND, P.DEVICE_READ, P.DEVICE_REVOKE, P.POLICY_READ,
         P.POLICY_ENTER}
    ),
    Role.UNIT_HEAD: frozenset(
        {P.FINDING_READ, P.DOCUMENT_READ, P.REPORT_FILE, P.RECTIFICATION_REPORT}
    ),
    Role.STAFF: frozenset({P.DOCUMENT_READ, P.REPORT_FILE}),
}  # fmt: skip


def permissions_of(roles: list[str]) -> frozenset[Permission]:
    """Return all that these roles may do together."""
    return frozenset().union(*(ROLES[Role(role)] for role in roles))
