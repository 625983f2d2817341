"""Policy figures that the fictional bureau has entered: one counts, one is to be confirmed."""

from sqlalchemy.orm import Session

from webapp.cli.demo.cast import Cast
from webapp.cli.demo.visits import Days
from webapp.policies import service


def enter_all(session: Session, people: Cast, days: Days) -> None:
    """Enter both; the administrator enters, the supervisor has confirmed the first."""
    wu, zhou = people.users["wu"], people.users["zhou"]
    since = days.moment(-8, 9, 0).date()
    counts = service.enter(
        session, key="wf.car_limit", value=8, effective_from=since.replace(month=1, day=1),
        effective_to=None, source="示例县移风易俗若干规定（演示）",
        document_no="示办发〔2025〕0号", by=wu, at=days.moment(-8, 9, 10),
    )  # fmt: skip
    service.confirm(session, counts, by_id=zhou.id, at=days.moment(-8, 9, 40))
    service.enter(
        session, key="vehicle.publicity_days", value=30, effective_from=since,
        effective_to=None, source="示例县自然资源局公务用车管理细则（演示）",
        document_no="", by=wu, at=days.moment(-1, 10, 20),
    )  # fmt: skip
