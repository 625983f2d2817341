"""婚丧喜庆事项事后报告表: what took place; for a funeral the only report."""

from webapp.checklists.definitions import Text
from webapp.core.errors import N_
from webapp.documents.kinds import reports
from webapp.documents.kinds.base import ask, option

ASKS = (
    ask("report_no", "short_text", "事前报告编号", "Number of the report before", max_length=30,
        required=False, required_if='event_kind == "wedding"',
        hint=Text(zh="丧事没有事前报告的留空。", en="Empty for a funeral without one.")),
    *reports.REPORTER,
    reports.KIND_OF_EVENT,
    *reports.WHOSE,
    ask("started_on", "date", "实际开始日期", "Began on"),
    ask("ended_on", "date", "实际结束日期", "Ended on"),
    reports.PLACE,
    *reports.COUNTS,
    ask("times", "integer", "分几次办理", "How many times", minimum=1,
        unit=Text(zh="次", en="times")),
    ask("cost", "money", "实际费用合计", "Cost in all", unit=Text(zh="元", en="yuan")),
    *reports.CARS,
    reports.SERVED,
    ask("gifts_money", "money", "不符合规定收受的礼金", "Gifts of money against the rules",
        unit=Text(zh="元", en="yuan")),
    ask("gifts_count", "integer", "不符合规定收受的礼品", "Presents against the rules", minimum=0,
        unit=Text(zh="件", en="items")),
    ask("disposal", "long_text", "处置情况", "What was done with them", max_length=1000,
        required=False,
        hint=Text(zh="退还或者上交，写明凭证。", en="Returned or handed in, with receipts.")),
    ask("superstition", "choice", "有无封建迷信等不文明行为", "Superstitious or uncivil conduct",
        options=(option("no", "无", "None"), option("yes", "有", "Some"))),
    ask("difference", "long_text", "与事前报告的差异", "How it differed from the report before",
        max_length=2000, required=False),
    reports.REMARK,
)  # fmt: skip

KIND = reports.kind(
    N_("婚丧喜庆事项事后报告表"),
    ASKS,
    zh="事项办完以后报告实际情况；丧事只填这一张。",
    en="What took place, told afterwards; for a funeral this report alone.",
)
