"""The journal: what the page says is kept is kept, and what an earlier version kept is read."""

from playwright.sync_api import Page, expect

from tests.e2e import acts
from tests.e2e.conftest import PHONE
from tests.e2e.offline.waiting import UNTIL

KEPT = """async () => {
  const main = document.querySelector("script[type=module]").src;
  const { kept } = await import(main.replace("main.js", "offline/store.js"));
  return kept(document.body.dataset.user);
}"""
KEPT_IS = f"async () => (await ({KEPT})()).some((one) => one.body === '会议室')"
MARKS_SHOWN = """() => {
  globalThis.shown = [];
  const mark = document.querySelector('[data-q="visit.place"] .mark');
  new MutationObserver(() => mark.hidden || globalThis.shown.push(mark.className))
    .observe(mark, { attributes: true });
}"""
SLOW_DISK = """
  const transaction = IDBDatabase.prototype.transaction;
  IDBDatabase.prototype.transaction = function (...args) {
    const tx = transaction.apply(this, args);
    if (globalThis.slow && args[1] === "readwrite") {
      const store = tx.objectStore(tx.objectStoreNames[0]);
      const spin = () => { if (globalThis.slow) store.count().onsuccess = spin; };
      spin();
    }
    return tx;
  };
"""
SLOW_SEAL = """
  const encrypt = globalThis.crypto.subtle?.encrypt; // not on about:blank
  if (encrypt) SubtleCrypto.prototype.encrypt = async function (...args) {
    while (globalThis.slow) await new Promise((done) => setTimeout(done, 10));
    return encrypt.apply(this, args);
  };
"""
RESTS = """() => {
  globalThis.rested = false;
  document.addEventListener("fill:waiting", () => { globalThis.rested = true; }, { once: true });
}"""
FIRST_VERSION = """([user, inspection]) => new Promise((resolve, reject) => {
  indexedDB.deleteDatabase("mingcha"); // this version's, which any page opens
  const request = indexedDB.open("mingcha", 1);
  request.onupgradeneeded = () => {
    const base = request.result;
    base.createObjectStore("changes", { keyPath: "id" }).createIndex("inspection", "inspection");
    base.createObjectStore("photos", { keyPath: "sha256" });
    base.createObjectStore("meta");
  };
  request.onerror = () => reject(request.error);
  request.onsuccess = () => {
    const tx = request.result.transaction(["changes", "meta"], "readwrite");
    const one = (id, question, value, second) => ({
      id, inspection, user, api: `/api/v1/inspections/${inspection}`, question, value, seen: 0,
      settles: [], status: "waiting", device_time: `2026-03-10T01:00:0${second}.000Z`,
    });
    const ids = [1, 2, 3].map((n) => `0197f3c2-0a00-7000-8000-00000000000${n}`);
    tx.objectStore("changes").put(one(ids[1], "visit.place", "会议室", 1));
    tx.objectStore("changes").put(one(ids[0], "visit.good", "台账齐全。", 2));
    tx.objectStore("meta").put("phone-of-old", "device");
    const sent = { "visit.overall": { id: ids[2], value: "总体规范。", seen: 0 } };
    tx.objectStore("meta").put(sent, `sent ${user} ${inspection}`);
    tx.oncomplete = () => { request.result.close(); resolve(); };
  };
})"""


def kept(page: Page) -> list[dict]:
    """Return what the phone keeps, read by the page's own store."""
    return page.evaluate(KEPT)


def test_no_mark_says_kept_before_it_is(open_, watch):
    watch.expects_network_errors = True
    context = open_("lin", PHONE)
    context.add_init_script(SLOW_DISK)
    page = context.new_page()
    acts.open_inspection(page, acts.SHORT)
    place = acts.control(page, "visit.place")
    place.fill("会议室")
    acts.expect_sent(page, "visit.place")
    page.evaluate("() => { globalThis.slow = true; }")
    place.press_sequentially("与大厅")
    mark = acts.question(page, "visit.place").locator(".mark")
    expect(mark).to_be_hidden()
    expect(page.locator("#saving")).to_have_text("正在存到本机…")
    page.evaluate("() => { globalThis.slow = false; }")
    acts.expect_sent(page, "visit.place")


def test_every_key_is_kept_also_when_the_page_is_killed(open_, watch):
    watch.expects_network_errors = True
    context = open_("lin", PHONE)
    page = context.new_page()
    inspection_id = acts.open_inspection(page, acts.SHORT)
    context.set_offline(True)
    acts.control(page, "visit.place").press_sequentially("abcdefghij")
    acts.expect_mark(page, "visit.place", "本机已存")
    page.close(run_before_unload=False)  # at once: no blur, no pause of the hand
    context.set_offline(False)
    page = context.new_page()
    page.goto("/checklists")
    acts.expect_stored(page, inspection_id, "visit.place", "abcdefghij")


def test_what_is_typed_on_while_the_first_words_leave_is_no_conflict(open_, watch):
    watch.expects_network_errors = True
    page = open_("lin", PHONE).new_page()
    inspection_id = acts.open_inspection(page, acts.SHORT)
    held = []
    page.route(f"**/api/v1/inspections/{inspection_id}", lambda route: held.append(route), times=1)
    place = acts.control(page, "visit.place")
    with page.expect_request(f"**/api/v1/inspections/{inspection_id}"):
        place.press_sequentially("会议")
    place.press_sequentially("室")
    page.evaluate(UNTIL % KEPT_IS)
    held[0].continue_()
    acts.expect_stored(page, inspection_id, "visit.place", "会议室")
    acts.expect_sent(page, "visit.place")


def test_what_could_not_be_sent_is_not_marked_before_its_newest_is_kept(open_, watch):
    watch.expects_network_errors = True
    context = open_("lin", PHONE)
    context.add_init_script(SLOW_SEAL)  # not the disk: the outbox, which reads it, would wait too
    page = context.new_page()
    acts.open_inspection(page, acts.SHORT)
    held = []

    def hold(route):  # the first answer, not what only tells the server that nothing else waits
        has_answer = not held and route.request.post_data_json["items"]
        held.append(route) if has_answer else route.continue_()

    page.route("**/api/v1/sync", hold)
    place = acts.control(page, "visit.place")
    place.press_sequentially("会议")
    acts.expect_mark(page, "visit.place", "上传中")
    page.evaluate("() => { globalThis.slow = true; }")
    place.press_sequentially("室")
    mark = acts.question(page, "visit.place").locator(".mark")
    expect(mark).to_be_hidden()
    page.evaluate(MARKS_SHOWN)
    page.evaluate(RESTS)
    held[0].abort()
    page.wait_for_function("() => globalThis.rested")  # told what the outbox could not send
    assert page.evaluate("() => globalThis.shown") == []
    page.evaluate("() => { globalThis.slow = false; }")
    acts.expect_sent(page, "visit.place")


def test_a_photo_that_waits_is_shown_from_the_phone(open_, watch):
    watch.expects_network_errors = True
    page = open_("lin", PHONE).new_page()
    acts.open_inspection(page, acts.SHORT)
    page.route("**/api/v1/blobs/*", lambda route: route.abort())
    item = acts.SHORT.sections[1].items[0].id
    files = acts.question(page, f"{item}.photos").locator("input[type=file]")
    shot = {"name": "a.jpg", "mimeType": "image/jpeg", "buffer": acts.small_photo(7)}
    files.set_input_files(shot)
    acts.expect_mark(page, f"{item}.photos", "本机已存")
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.reload()
    acts.ready(page)
    picture = acts.question(page, f"{item}.photos").locator(".shot img")
    expect(picture).to_have_js_property("naturalWidth", 64)
    assert [url for url in asked if "/evidence/" in url] == []


def test_what_the_first_version_kept_is_read_and_sent(open_, watch):
    watch.expects_store_errors = True  # the old store is made under the feet of a page of today
    context = open_("lin", PHONE)
    page = context.new_page()
    page.goto("/verify")
    user = page.locator("body").get_attribute("data-user")
    inspection_id = acts.open_by_api(page, acts.SHORT)
    page.evaluate(FIRST_VERSION, [user, str(inspection_id)])
    page.goto(f"/inspections/{inspection_id}/answers")
    acts.ready(page)
    expect(acts.control(page, "visit.overall")).to_have_value("总体规范。")  # sent, by its own word
    acts.expect_sent(page, "visit.place", "visit.good")
    values = acts.values_of(page, inspection_id)
    assert values == {"visit.place": "会议室", "visit.good": "台账齐全。"}
    assert kept(page) == []
