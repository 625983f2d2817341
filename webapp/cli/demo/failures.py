"""What the inspectors of the fictional bureau find wrong, item by item; all of it is invented."""

from webapp.cli.demo.facts import At, Day, Failure, Into

FAILURES: dict[str, Failure] = {
    "GC-01": Failure(
        "多出的 1 辆皮卡车登记在册，但未列入编制批复。",
        "车辆编制批复、固定资产卡片、停车场清点表",
        {"approved": 4, "actual": 5}, "car",
    ),
    "GC-14": Failure(
        "1 辆皮卡车左前门的公务用车标识膜脱落约三分之一，正常距离不能看清单位名称。",
        "公务用车标识登记表", {}, "car",
    ),
    "GC-15": Failure(
        "上周六抽查时 1 辆车不在指定车位，当日没有派车单，值班人员不能说明停放地点。",
        "派车登记簿第 7 页、门岗出入登记", {"parked_at": "院外，具体地点待单位说明"}, "register",
    ),
    "GC-18": Failure(
        "3 把车钥匙放在值班室未上锁的抽屉里，领还登记只记到上月 25 日。",
        "车钥匙领还登记本", {}, "desk",
    ),
    "GC-20": Failure(
        "3 张的审批时间晚于出车时间，属事后补批。",
        "派车单存根、派车登记簿第 3 页至第 5 页",
        {
            "checked": 20, "faulty": 3,
            "orders": (
                {"order_no": "示例-0311", "plate": "赣ZD0002", "approved_at": At(-26, "16:40"),
                 "left_at": At(-26, "08:15"), "problem": "当日下午补批"},
                {"order_no": "示例-0318", "plate": "赣ZD0003", "approved_at": At(-18, "09:30"),
                 "left_at": At(-19, "14:05"), "problem": "次日补批"},
                {"order_no": "示例-0327", "plate": "赣ZD0002", "approved_at": At(-9, "17:20"),
                 "left_at": At(-9, "09:00"), "problem": "当日下午补批"},
            ),
        },
        "register",
    ),
    "GC-21": Failure(
        "3 张没有填写返回里程，2 张的事由只写“下乡”。",
        "派车单存根", {"checked": 20, "incomplete": 5}, "register",
    ),
    "GC-22": Failure(
        "上月第三周有两日没有里程记录，前后读数相差 46 公里，没有对应的派车单。",
        "车辆里程登记表、派车单存根", {}, "odometer",
    ),
    "GC-26": Failure(
        "均为超速，最早一起已超过三个月。",
        "违章查询打印件", {"unsettled": 2},
    ),
    "GC-30": Failure(
        "单位当场未能说明多出部分的去向。",
        "加油卡流水、车辆说明书",
        {
            "litres": "68.0", "tank": "55",
            "refuellings": (
                {"filled_at": At(-24, "11:32"), "plate": "赣ZD0002", "litres": "68.0",
                 "amount": "521.56"},
            ),
        },
    ),
    "GC-31": Failure(
        "2 笔加油当日和前后一日均没有出车记录。",
        "加油卡流水、派车登记簿",
        {
            "checked": 24, "unmatched": 2,
            "refuellings": (
                {"filled_at": At(-37, "18:47"), "plate": "赣ZD0003", "amount": "355.00",
                 "explanation": "称次日早出车，提前加油"},
                {"filled_at": At(-16, "12:08"), "plate": "赣ZD0002", "amount": "298.40",
                 "explanation": "未说明"},
            ),
        },
    ),
    "GC-36": Failure(
        "1 辆车的交强险到期未续，到期后没有行驶里程。",
        "保险单、车辆台账", {"insured_until": Day(-5)},
    ),
    "GC-41": Failure(
        "上月没有公示，公示栏内仍是更早的内容。",
        "公示栏、公示存档", {"posted_on": Day(-52)}, "board",
    ),
    "GC-44": Failure(
        "掉线集中在 1 辆皮卡车，单位未报修。",
        "平台导出表", {"online_rate": "88.5"},
    ),
    "JD-07": Failure(
        "2 次接待没有派出单位公函，仅有电话记录。",
        "接待审批单、公函存档、接待清单",
        {
            "required_letters": 8, "missing_letters": 2,
            "receptions": (
                {"received_on": Day(-48), "guest_unit": "邻县自然资源局", "guests": 4},
                {"received_on": Day(-27), "guest_unit": "示例市测绘院", "guests": 3,
                 "letter_no": "测绘函〔示例〕28号", "letter_date": Day(-29)},
                {"received_on": Day(-13), "guest_unit": "示例市地质队", "guests": 5},
            ),
        },
        "register",
    ),
    "JD-09": Failure(
        "1 份公函前后报销两次工作餐，两次用餐相隔 4 天。",
        "公函、接待清单、报销凭证", {"checked": 8, "reused": 1},
    ),
    "JD-14": Failure(
        "超过陪餐 3 人的上限，多出的 1 人与接待事项无关。",
        "接待清单、食堂用餐登记", {"guests": 6, "escorts": 4}, "canteen",
    ),
    "JD-15": Failure(
        "人均 72 元，超过当地 60 元的标准。",
        "食堂结算单、接待清单",
        {"meal_cost": "720.00", "diners": 10, "standard": "60.00"},
    ),
    "JD-21": Failure(
        "检查当日中午公务用餐后，6 个餐盘中有 4 个剩菜过半，没有张贴节约提示。",
        "现场查看", {}, "canteen",
    ),
    "JD-30": Failure(
        "2 份清单没有列明陪同人员和费用明细。",
        "接待清单",
        {
            "checked": 8, "incomplete": 2,
            "lists": (
                {"received_on": Day(-48), "guest_unit": "邻县自然资源局", "amount": "386.00",
                 "missing": "陪同人员"},
                {"received_on": Day(-13), "guest_unit": "示例市地质队", "amount": "452.00",
                 "missing": "陪同人员、费用明细"},
            ),
        },
        "register",
    ),
    "JD-32": Failure(
        "1 份凭证只有发票和清单，没有公函。",
        "会计凭证",
        {
            "checked": 8, "incomplete": 1,
            "vouchers": (
                {"voucher_no": "示例记-0146", "paid_on": Day(-40), "amount": "386.00",
                 "missing": "公函"},
            ),
        },
    ),
    "JD-36": Failure(
        "上季度没有公示。",
        "公示栏、局域网页面截图", {"published_on": Day(-118)}, "board",
    ),
    "HS-02": Failure(
        "请假登记中有 1 起婚假，报告台账没有对应的报告。",
        "请假登记、婚丧喜庆报告台账", {"entries": 6, "missing": 1}, "register",
    ),
    "HS-04": Failure(
        "抽查的 3 份中 1 份迟报 4 天，没有说明原因。",
        "事前报告表、收文登记",
        {
            "late": 1,
            "samples": (
                {"report_no": "示例-事前-06", "event_date": Day(-45), "latest": Day(-60),
                 "submitted": Day(-56)},
            ),
        },
    ),
    "HS-05": Failure(
        "1 起丧事的事后报告逾期 6 天未交，经提醒后补交。",
        "事后报告表、提醒记录", {"late": 1},
    ),
    "HS-06": Failure(
        "2 份报告没有填写宴请地点和桌数。",
        "事前报告表", {"incomplete": 2}, "register",
    ),
    "HS-22": Failure(
        "上半年报告结果没有公示，公示栏内仍是去年的内容。",
        "公示栏", {}, "board",
    ),
    "HS-29": Failure(
        "编外人员 4 人没有列入报告范围，也没有签订承诺书。",
        "人员名册、承诺书", {},
    ),
    "HS-30": Failure(
        "2 起事项的档案缺事后报告，1 起缺审批表。",
        "婚丧喜庆事项档案", {}, "register",
    ),
    "ZB-01": Failure(
        "值班室张贴的是上月值班表，本月值班表没有公示，带班领导一栏空白。",
        "值班表", {}, "board",
    ),
    "ZB-02": Failure(
        "查岗时值班室无人，12 分钟后值班人员返回，称去食堂用餐，没有替班安排。",
        "值班表、查岗录像",
        {
            "checked_at": Into(16),
            "post_checks": (
                {"checked_at": Into(16), "post": "值班室", "state": "absent"},
                {"checked_at": Into(28), "post": "值班室", "state": "present"},
            ),
        },
        "desk",
    ),
    "ZB-04": Failure(
        "第三次拨打才接通，值班人员称当时在巡楼。",
        "通话记录",
        {
            "call_result": "两次拨打均响铃至自动挂断，第三次接通",
            "calls": (
                {"called_at": Into(8), "result": "unanswered", "note": "响铃至自动挂断"},
                {"called_at": Into(13), "result": "unanswered", "note": "响铃至自动挂断"},
                {"called_at": Into(21), "result": "answered", "note": "值班员接听"},
            ),
        },
    ),
    "ZB-06": Failure(
        "交接班记录簿缺 2 页，前后日期不连续。",
        "交接班记录簿", {"missing_pages": 2}, "register",
    ),
    "BJ-01": Failure(
        "服务窗口没有公开首问负责和一次告知的内容，公示栏内也查不到。",
        "窗口公示栏", {}, "board",
    ),
    "BJ-02": Failure(
        "2 件均超过承诺期限 3 天办结，没有延期说明。",
        "办件登记、系统导出表", {"overdue": 2, "total": 65},
    ),
    "BJ-05": Failure(
        "检查时 1 台窗口电脑正打开购物网页，使用人称系午休时打开未关闭。",
        "现场照片", {}, "desk",
    ),
    "BJ-09": Failure(
        "1 名窗口人员没有佩戴工作牌。", "现场查看", {"not_met": 1},
    ),
    "BJ-21": Failure(
        "3 人没有签订年度廉政承诺书，单位称正在补签。",
        "谈话记录、承诺书", {"outstanding": 3},
    ),
}  # fmt: skip
