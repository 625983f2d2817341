"""婚丧喜庆事项事前报告表: what somebody plans, told before it takes place."""

from webapp.checklists.definitions import Text
from webapp.core.errors import N_
from webapp.documents.kinds import reports
from webapp.documents.kinds.base import ask, option

ASKS = (
    *reports.REPORTER,
    ask("spouse", "short_text", "配偶姓名、单位职务", "Spouse: name, employer, position",
        max_length=100, required=False),
    reports.KIND_OF_EVENT,
    *reports.WHOSE,
    ask("registered_on", "date", "婚姻登记日期", "Marriage registered on", required=False,
        required_if='event_kind == "wedding"',
        hint=Text(zh="婚礼必填；结婚证不用上传。", en="For a wedding; no certificate is needed.")),
    ask("started_on", "date", "活动开始日期", "Begins on"),
    ask("ended_on", "date", "活动结束日期", "Ends on"),
    reports.PLACE,
    reports.JOINT,
    ask("joint_with", "short_text", "合办方", "Held jointly with", max_length=60, required=False,
        required_if='joint == "yes"'),
    *reports.COUNTS,
    ask("scope", "choices", "宴请对象范围", "Who is invited",
        hint=Text(zh="只填范围，不列名单。", en="Groups only, no names."),
        options=(
            option("kin", "亲属、亲戚", "Relatives"),
            option("classmates", "同学", "Classmates"),
            option("colleagues", "同事", "Colleagues"),
            option("others", "其他", "Others"),
        )),
    reports.SERVED,
    ask("funding", "choice", "资金来源", "Paid by",
        options=(
            option("own", "自费", "The reporter"),
            option("shared", "双方分担", "Both families"),
            option("others", "他人支付", "Somebody else"),
        )),
    ask("cost", "money", "预计费用", "Estimated cost", required=False,
        unit=Text(zh="元", en="yuan")),
    ask("gifts", "choice", "礼金处理", "Gifts of money",
        options=(
            option("none", "不收", "None accepted"),
            option("kin", "只收亲属", "From relatives only"),
            option("other", "其他", "Other"),
        )),
    *reports.CARS,
    ask("car_source", "short_text", "车辆来源", "Where the vehicles come from", max_length=100,
        required=False),
    reports.REMARK,
)  # fmt: skip

KIND = reports.kind(
    N_("婚丧喜庆事项事前报告表"),
    ASKS,
    zh="本人或者家人的婚丧喜庆事项，办理之前报告。",
    en="A wedding, funeral or other event of one's own family, told before it takes place.",
)
