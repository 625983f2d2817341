"""Without a network: what was seen once opens, what is typed stays, what waits goes by itself."""

from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from uuid import UUID

import pytest
from playwright.sync_api import BrowserContext, expect

from tests.e2e import acts
from tests.e2e.conftest import PHONE
from tests.e2e.offline.waiting import (
    UNTIL,
    WAITING,
    keep_form,
    kept,
    wait_until_kept,
    wait_until_sent,
)
from webapp.core.pwa import KILL

LIST_KEPT = """async () => {
  const names = (await caches.keys()).filter((one) => one.startsWith("mingcha-files-"));
  const all = await Promise.all(names.map(async (one) => (await caches.open(one)).keys()));
  return all.flat().some(({ url }) => url.endsWith("/glyphs.txt"));
}"""


CLOSED = "/inspections/01900000-0000-7000-8000-000000000000/answers"
KEEP_AGAIN = f"""async () => {{
  await (await caches.open("mingcha-pages")).put("{CLOSED}", new Response("old"));
  const main = document.querySelector("script[type=module]").src;
  const {{ default: keep }} = await import(main.replace("main.js", "components/keep.js"));
  await keep(document.querySelector('[data-module~="keep"]'));
}}"""


@pytest.fixture
def phone(open_, watch) -> BrowserContext:
    watch.expects_network_errors = True  # the network is cut on purpose
    return open_("lin", PHONE)


def test_every_open_task_opens_after_one_visit_online(site, wire, phone):
    page = phone.new_page()
    page.goto("/")
    form = f"/inspections/{site.ids['draft']}/answers"
    for path in ["/", "/inspections/new", form]:
        wait_until_kept(page, path)
    wire.cut()
    page.goto("/")
    expect(page.get_by_role("heading", level=1)).to_have_text("我的任务")
    expect(page.locator(".copied")).to_contain_text("存在本机的页面")
    page.goto(form)
    acts.ready(page)
    expect(acts.control(page, "visit.place")).to_have_value("城关镇人民路 1 号")
    page.goto(
        f"/inspections/{site.ids['draft']}/submission"
    )  # the form does that without a network
    expect(page.locator(".hand [data-part=left]")).to_contain_text("未填")
    assert page.url.endswith(f"{form}#hand-in")
    page.goto("/reviews")
    expect(page.get_by_role("heading", level=1)).to_have_text("没有网络")
    expect(page.locator(f'main a[href="{form}"]')).to_be_visible()


def test_a_list_that_is_older_than_a_form_does_not_take_it_away(phone):
    tasks, page = phone.new_page(), phone.new_page()
    tasks.goto("/")
    wait_until_kept(tasks, "/inspections/new")
    path = keep_form(page, acts.open_inspection(page))
    tasks.evaluate(KEEP_AGAIN)
    tasks.evaluate(UNTIL % f"async () => !(await caches.match('{CLOSED}'))")
    assert path in kept(tasks)


def test_a_proxy_whose_server_is_gone_is_no_network(wire, phone):
    page = phone.new_page()
    inspection_id = acts.open_inspection(page)
    path = keep_form(page, inspection_id)
    page.goto("/")
    wait_until_kept(page, "/")
    wire.orphan()
    page.goto("/")
    expect(page.get_by_role("heading", level=1)).to_have_text("我的任务")
    expect(page.locator(".copied")).to_contain_text("存在本机的页面")
    page.goto(path)
    acts.ready(page)
    acts.judge(page, "GC-02", "yes")
    acts.expect_mark(page, "GC-02", "本机已存")
    page.goto("/reviews")  # never seen: what the proxy says
    expect(page.locator("body")).to_have_text("Bad Gateway")
    wire.mend()
    page.goto(path)
    acts.expect_mark(page, "GC-02", "已上传")


def test_what_is_filled_in_without_a_network_stays_and_goes_by_itself(wire, phone):
    page = phone.new_page()
    inspection_id = acts.open_inspection(page)
    path = keep_form(page, inspection_id)
    page.goto(path)
    acts.ready(page)
    acts.control(page, "visit.place").fill("网络断开之前")
    acts.judge(page, "GC-02", "yes")
    wait_until_sent(page)
    wire.cut()
    acts.judge(page, "GC-05", "na")
    acts.expect_mark(page, "GC-05", "本机已存")
    page.close()
    page = phone.new_page()
    page.goto(path)  # a copy from before the first answer
    acts.ready(page)
    expect(acts.control(page, "visit.place")).to_have_value("网络断开之前")
    acts.expect_mark(page, "GC-05", "本机已存")
    acts.control(page, "visit.place").fill("网络断开之后")
    acts.expect_mark(page, "visit.place", "本机已存")
    wire.mend()
    page.evaluate("() => dispatchEvent(new Event('online'))")
    wait_until_sent(page)
    values = acts.values_of(page, inspection_id)
    assert (values["visit.place"], values["GC-02"], values["GC-05"]) == (
        "网络断开之后",
        "yes",
        "na",
    )
    expect(page.locator(".mark-conflict")).to_have_count(0)


def test_signing_out_removes_pages_and_seals_what_is_unsent(site, wire, phone):
    page = phone.new_page()
    path = keep_form(page, site.ids["returned"])
    wire.cut()
    page.goto(path)
    acts.ready(page)
    acts.control(page, "visit.place").fill("没有上传")
    acts.expect_mark(page, "visit.place", "本机已存")
    wire.mend()
    phone.route("**/api/v1/sync", lambda route: route.abort())
    page.goto("/verify")
    page.wait_for_load_state("networkidle")
    page.locator("details.who summary").tap()
    page.get_by_role("button", name="退出登录").tap()
    page.get_by_role("button", name="封存后退出").tap()
    page.wait_for_url("**/sign-in*")
    assert kept(page) == []
    wire.cut()
    page.goto("/")
    expect(page.get_by_role("heading", level=1)).to_have_text("没有网络")
    wire.mend()
    phone.unroute("**/api/v1/sync")
    page.goto(site.link("lin"))
    acts.expect_stored(page, UUID(site.ids["returned"]), "visit.place", "没有上传")


def test_a_new_release_waits_for_a_form_half_filled_in(site, wire, phone):
    page = phone.new_page()
    page.goto("/")
    wait_until_kept(page, "/")
    busy = phone.new_page()
    busy.goto(f"/inspections/{site.ids['unsigned']}/signatures")
    busy.get_by_label("职务").first.fill("督查员")
    busy.wait_for_load_state("networkidle")
    page.goto("/language/en?next=/")  # other words are another release
    page.evaluate(UNTIL % WAITING)
    page.goto("/inspections/new")
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(2500)
    assert page.evaluate(WAITING)
    busy.close()
    page.goto("/")
    page.evaluate(UNTIL % f"async () => !(await ({WAITING})())")
    wire.cut()
    page.goto("/reviews")
    expect(page.get_by_role("heading", level=1)).to_have_text("No network")


def test_what_is_only_here_is_told_and_told_louder_after_a_day(site, wire, phone):
    page = phone.new_page()
    path = keep_form(page, site.ids["unsigned"])
    wire.cut()
    page.goto(path)
    acts.ready(page)
    acts.control(page, "visit.place").fill("只在本机")
    acts.expect_mark(page, "visit.place", "本机已存")
    page.goto("/")
    told = page.locator('[data-module="risk"]')
    expect(told).to_contain_text("只在本机：1 处答案、0 张照片")
    expect(told).to_have_attribute("role", "status")
    page.clock.set_fixed_time(datetime.now(UTC) + timedelta(hours=26))
    page.goto("/")
    expect(told).to_contain_text("已超过一天")
    expect(told).to_have_attribute("role", "alert")
    wire.mend()
    page.goto("/")
    expect(told).to_be_hidden()


def test_diag_says_what_this_browser_can_do(phone):
    page = phone.new_page()
    page.goto("/")
    wait_until_kept(page, "/")
    page.goto("/diag")
    for name in ("secure", "worker", "store", "photos", "tabs", "network"):
        expect(page.locator(f'[data-check="{name}"] dd')).to_have_text("正常")
    button = page.get_by_role("button", name="复制检查结果")
    expect(button).to_be_visible()
    assert "在本机保存: 正常" in (button.get_attribute("data-text") or "")


def test_an_operator_takes_the_worker_away(open_, watch):
    """The browser fetches the worker anew, finds the other one, and forgets all pages."""
    watch.expects_network_errors = True
    served = {
        "/": ("text/html", "<!doctype html><title>x</title>"),
        "/sw.js": ("text/javascript", ""),
    }

    class Server(BaseHTTPRequestHandler):
        def do_GET(self):
            kind, text = served.get(self.path, served["/"])
            self.send_response(200)
            self.send_header("Content-Type", kind)
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, *_):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Server) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        page = open_("", PHONE).new_page()
        page.goto(f"http://127.0.0.1:{server.server_port}/")
        page.evaluate("""async () => {
          await navigator.serviceWorker.register("/sw.js", { updateViaCache: "none" });
          await navigator.serviceWorker.ready;
          await caches.open("mingcha-pages");
        }""")
        served["/sw.js"] = ("text/javascript", KILL)
        page.goto(f"http://127.0.0.1:{server.server_port}/")
        page.evaluate(UNTIL % "async () => !(await navigator.serviceWorker.getRegistration())")
        assert page.evaluate("() => caches.keys()") == []
        server.shutdown()


def test_what_no_font_shows_is_told_at_once_without_a_network(wire, phone):
    page = phone.new_page()
    path = keep_form(page, acts.open_inspection(page, acts.SHORT))
    page.evaluate(UNTIL % LIST_KEPT)
    wire.cut()
    page.goto(path)
    acts.ready(page)
    good = acts.control(page, "visit.good")
    told = acts.question(page, "visit.good").locator(".strange")
    good.fill("台账齐全😀")
    expect(told).to_have_text("无法印到文书上的字符：“😀”（U+1F600）。请删去，或换一个写法。")
    acts.expect_mark(page, "visit.good", "本机已存")
    page.reload()
    acts.ready(page)
    expect(told).to_be_visible()
    good.fill("台账齐全。")
    expect(told).to_have_count(0)
