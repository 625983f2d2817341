/**
 * A button that reads the QR code on a paper with the camera and opens what the paper must say.  It shows only where
 * the browser can read codes.  The root has data-url (the address before a code), data-scan, data-stop, data-aim and
 * data-refused (words).  Pictures never leave the device.
 */
const PAUSE_MS = 200;

/** Return the verification code in what a QR code says, or "" where it is none of ours. */
export function codeIn(text) {
  return /\/verify\/([0-9A-Z]{6,20})\/?$/i.exec(text.trim())?.[1].toUpperCase() ?? "";
}

export default async function scan(root) {
  if (!navigator.mediaDevices?.getUserMedia || !(await canRead())) return;
  const make = (name, properties) => root.appendChild(Object.assign(document.createElement(name), properties));
  const button = make("button", { type: "button", className: "button button-secondary", textContent: root.dataset.scan });
  const told = make("p", { className: "hint" });
  const video = make("video", { hidden: true, muted: true, playsInline: true });
  told.setAttribute("role", "status");
  root.hidden = false;
  let stream = null;

  function stop(words = "") {
    for (const track of stream?.getTracks() ?? []) track.stop();
    stream = null;
    video.hidden = true;
    button.textContent = root.dataset.scan;
    told.textContent = words;
  }

  async function start() {
    try {
      stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
    } catch {
      return stop(root.dataset.refused);
    }
    Object.assign(video, { srcObject: stream, hidden: false });
    button.textContent = root.dataset.stop;
    told.textContent = root.dataset.aim;
    await video.play();
    const code = await read(video, () => stream !== null);
    if (!code) return;
    stop();
    location.assign(`${root.dataset.url}/${code}`);
  }

  button.addEventListener("click", () => (stream ? stop() : start()));
  addEventListener("pagehide", () => stop());
}

async function canRead() {
  return "BarcodeDetector" in globalThis && (await BarcodeDetector.getSupportedFormats()).includes("qr_code");
}

async function read(video, wanted) {
  const detector = new BarcodeDetector({ formats: ["qr_code"] });
  while (wanted()) {
    const found = await detector.detect(video).catch(() => []);
    const code = found.map(({ rawValue }) => codeIn(rawValue)).find(Boolean);
    if (code) return code;
    await new Promise((done) => setTimeout(done, PAUSE_MS));
  }
  return "";
}
