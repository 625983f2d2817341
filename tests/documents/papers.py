"""A rich fictional inspection on paper: 40 rows, six drawn photos, three signatures."""

import hashlib
import io
from datetime import date

from PIL import Image, ImageDraw

from webapp.documents import snapshot as s

QUESTIONS = (
    "公务用车是否按规定喷涂统一标识",
    "派车单是否在出车前审批，用途、路线、乘车人是否填写完整",
    "行驶里程与派车单、加油记录是否相互吻合",
    "节假日期间车辆是否按规定封存停驶，钥匙是否集中保管",
    "加油卡是否一车一卡，有无给非本单位车辆加油的情形",
    "维修保养是否在定点单位进行，审批、清单、发票是否齐全",
    "车辆保险是否按政府采购规定统一办理",
    "是否按月公示车辆使用情况",
)


def photo(number: int) -> bytes:
    """Draw a placeholder picture: a yard, a car, a number."""
    image = Image.new("RGB", (960, 720), (206 - 9 * number, 220, 232))
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 470, 960, 720), fill=(150, 152, 148))
    draw.rounded_rectangle((230, 360, 730, 540), 40, fill=(40 + 30 * number, 70, 110))
    draw.rounded_rectangle((330, 270, 630, 380), 40, fill=(60 + 30 * number, 90, 130))
    for x in (330, 630):
        draw.ellipse((x - 55, 490, x + 55, 600), fill=(30, 30, 30))
    draw.rectangle((420, 470, 540, 510), fill=(235, 235, 235))
    draw.text((440, 478), f"DEMO {number}", fill=(0, 0, 0))
    out = io.BytesIO()
    image.save(out, "JPEG", quality=80)
    return out.getvalue()


PHOTOS = {hashlib.sha256(data).hexdigest(): data for data in map(photo, range(6))}


def blobs(sha256: str) -> tuple[bytes, str]:
    """Return a photo by its digest, as the blob store does."""
    return PHOTOS[sha256], "image/jpeg"


def scribble(seed: int) -> str:
    """Return pen strokes that look signed."""
    parts = []
    for stroke in range(4):
        x, y = 25 + stroke * 62, 35 + (seed * 17 + stroke * 29) % 30
        parts.append(f"M{x} {y}c18 -26 40 -18 34 4c-6 20 -34 30 -40 {16 + seed}")
        parts.append(f"c-4 -12 22 -22 34 -30c8 -6 12 {20 + seed} 4 34c-2 6 12 -4 22 -18")
        parts.append(f"M{x - 6} {y + 12}c16 -6 32 -8 54 -{seed + 4}")
    return "".join(parts)


BASIS = (
    s.Basis(text="《示例公务用车管理办法》第九条（虚构条文，仅供演示）", verified=True),
    s.Basis(text="《示例差旅费管理规定》第三条第（二）项", verified=False),
)


def item(number: int) -> s.Item:
    """Return one row; every seventh does not conform, every ninth has a table."""
    failed, digests = number % 7 == 3, list(PHOTOS)
    photos = ()
    if failed:
        digest = digests[number // 7]
        photos = (
            s.Photo(
                sha256=digest,
                short=digest[:16],
                taken_at="2026年11月12日9时41分",
                caption="院内停放的车辆和当日派车登记簿",
            ),
        )
    table = s.Table(
        label="抽查的出车记录",
        columns=("日期", "车牌", "用途", "派车单里程（公里）", "实际里程（公里）"),
        rows=(
            ("2026-10-12", "示A·D0001", "到河口乡核实地类", "86", "86"),
            ("2026-10-19", "示A·D0002", "送检样品", "42", "118"),
            ("2026-10-27", "示A·D0001", "参加市局会议", "164", "165"),
        ),
    )
    verdict = "no" if failed else "na" if number % 11 == 5 else "yes"
    return s.Item(
        id=f"GC-{number:02d}",
        question=QUESTIONS[number % len(QUESTIONS)] + "？",
        verdict=verdict,
        verdict_text={"yes": "符合", "no": "不符合", "na": "不适用"}[verdict],
        figures=(
            s.Figure(label="抽查车辆", text=f"{number % 5 + 2}辆"),
            s.Figure(label="抽查派车单", text=f"{number * 3 + 4}份"),
            s.Figure(label="公里数", text="1,284.50公里"),
        )
        if number % 3
        else (),
        tables=(table,) if number % 9 == 4 else (),
        description="抽查的派车单中有2份没有审批人签字；10月19日出车记录所填里程42公里，"
        "车辆里程表显示118公里，驾驶员说明当日绕行加油，没有提供票据。"
        if failed
        else "",
        evidence="派车单、里程登记簿、加油卡对账单",
        evidence_note="派车单（2026年10月）、里程登记簿第12—15页" if failed else "",
        remark="单位说明：登记簿由临时人员代填。" if number % 13 == 0 else "",
        basis=BASIS,
        photos=photos,
    )


def finding(no: int, item_id: str) -> s.Finding:
    """Return a finding in the reviewer's words."""
    severity = ("major", "较重") if no % 2 else ("minor", "一般")
    return s.Finding(
        no=no,
        item_id=item_id,
        severity=severity[0],
        severity_text=severity[1],
        facts="抽查2026年10月派车单31份，有2份没有审批人签字；10月19日出车记录所填里程42公里，"
        "车辆里程表显示118公里，相差76公里，没有说明去向的材料，属于需要进一步核实的疑点。",
        basis=BASIS if no % 2 else BASIS[:1],
        rectification="补齐审批手续，核清里程差异并提供材料；里程登记由驾驶员本人当日填写、"
        "车辆管理员复核。",
        deadline_text="15日内",
        due_on="2026年12月9日",
    )


def record(**changes: object) -> s.Record:
    """Return the site record's snapshot."""
    sections = tuple(
        s.Section(
            title=title,
            figures=(s.Figure(label="在编车辆", text="6辆"), s.Figure(label="驾驶员", text="4人"))
            if number == 0
            else (),
            items=tuple(item(number * 10 + i) for i in range(1, 11)),
        )
        for number, title in enumerate(("车辆与标识", "派车与使用", "加油与维修", "封存与公示"))
    )
    digest = hashlib.sha256(b"contents").hexdigest()
    failed = [i.id for section in sections for i in section.items if i.verdict == "no"]
    base = s.Record(
        kind="site_record",
        number="MC-2026-GC-0003-01",
        title="现场检查记录",
        issued_on=date(2026, 11, 24),
        issued_on_text="2026年11月24日",
        verify_url="https://verify.example.cn/v/7K3M-9QXT",
        verify_code="7K3M-9QXT",
        watermark="演示数据　没有效力",
        bureau=s.Bureau(
            name="示例县自然资源局",
            mark="中共示例县自然资源局党组文件",
            seal_name="中共示例县自然资源局党组",
            signatory="中共示例县自然资源局党组",
            office="示例县自然资源局办公室",
        ),
        unit=s.Unit(name="示例县自然资源局河口中心所", head="钱所"),
        checklist=s.ChecklistUsed(
            id="official-vehicles",
            code="GC",
            title="公务用车专项检查清单",
            version="2026.1",
            sha256=hashlib.sha256(b"checklist").hexdigest(),
        ),
        inspection=s.Visit(
            id="01932f6e-7c1a-7b3e-9d55-0f1f2a3b4c5d",
            place="示例县河口乡振兴路12号河口中心所",
            started_at="2026年11月12日9时10分",
            ended_at="2026年11月12日16时35分",
            received_by="钱所",
            inspectors=(
                s.Person(name="林检", position="督查员"),
                s.Person(name="陈查", position="督查员"),
            ),
            recorder="陈查",
            method="现场查看、查阅资料",
            overall="该所公务用车管理制度基本健全，车辆标识、保险和定点维修执行较好，"
            "但派车审批和里程登记不够严格，个别记录前后不一致，需要进一步核实。",
            good="实行一车一卡、按月公示，车辆钥匙集中保管。\n节假日封存台账完整，封条编号可查。",
            unit_opinion="对检查情况没有异议。10月19日里程差异的原因，将在三个工作日内书面说明。",
        ),
        sections=sections,
        signatures=(
            s.Signature(
                role="inspector",
                role_text="检查人",
                name="林检",
                position="督查员",
                strokes=scribble(1),
                viewbox="0 0 300 100",
                method="手写",
                signed_at="2026年11月12日16时40分",
                digest_short=digest[:16],
            ),
            s.Signature(
                role="inspector",
                role_text="检查人",
                name="陈查",
                position="督查员",
                strokes=scribble(5),
                viewbox="0 0 300 100",
                method="手写",
                signed_at="2026年11月12日16时41分",
                digest_short=digest[:16],
            ),
            s.Signature(
                role="unit",
                role_text="被检查单位",
                name="钱所",
                position="所长",
                method="拒签",
                refused=True,
                reason="对第GC-17项里程数据有不同意见，要求核对后再签",
                witness="示例县自然资源局办公室吴理",
                signed_at="2026年11月12日16时50分",
                digest_short=digest[:16],
            ),
        ),
        findings=tuple(finding(no, i) for no, i in enumerate(failed, start=1)),
        opinion="请你单位先行核清里程差异，再研究完善派车审批和里程复核办法。",
        reviewer=s.Person(name="周督", position="督查组组长"),
        contents_digest=digest,
        log_root="a41f77c2e09b5d30",
    )
    return base.model_copy(update=changes)


def with_trips(count: int) -> s.Record:
    """Return a record with a table of many rows."""
    trips = tuple(
        (f"2026-10-{n % 31 + 1:02}", f"示A·D{n:04}", "到河口乡核实地类", f"{n % 200}", f"{n % 201}")
        for n in range(count)
    )
    whole = record()
    table = item(4).tables[0].model_copy(update={"rows": trips})
    section = whole.sections[0].model_copy(
        update={"items": (item(4).model_copy(update={"tables": (table,)}),)}
    )
    return whole.model_copy(update={"sections": (section,)})


def with_items(count: int) -> s.Record:
    """Return a record of many items without photos."""
    items = [
        item(n % 40 + 1).model_copy(update={"id": f"GC-{n + 1:03}", "photos": ()})
        for n in range(count)
    ]
    sections = tuple(
        s.Section(title=f"第{n // 40 + 1}组", items=tuple(items[n : n + 40]))
        for n in range(0, count, 40)
    )
    return record(sections=sections)


def without_photos(whole: s.Record) -> tuple[s.Section, ...]:
    """Return a record's sections without their photos."""
    return tuple(
        part.model_copy(
            update={"items": tuple(one.model_copy(update={"photos": ()}) for one in part.items)}
        )
        for part in whole.sections
    )


def feedback(**changes: object) -> s.Record:
    """Return the feedback statement's snapshot."""
    own = s.Feedback(
        report_by="2026年12月15日",
        copies_to=("派驻纪检监察组", "局机关纪委"),
        printed_on="2026年11月24日",
    )
    changes = {
        "kind": "feedback",
        "number": "示自然资党督〔2026〕3号",
        "title": "关于河口中心所公务用车专项督查的反馈意见书",
        "feedback": own,
    } | changes
    return record(**changes)
