/**
 * A signature drawn with a finger.  The root holds a hidden input (data-strokes), which gets
 * {"path", "width", "height"} as JSON: SVG path data in CSS pixels.  Typing the name instead stays possible.
 */
import SignaturePad from "../../vendor/signature_pad@5.1.4/signature_pad.min.js";

export default function signature(root) {
  const canvas = root.querySelector("canvas");
  const input = root.querySelector("[data-strokes]");
  const ink = getComputedStyle(canvas).color;
  const pad = new SignaturePad(canvas, { penColor: ink, minWidth: 1.2, maxWidth: 3.2 });

  function fit() {
    const points = pad.toData();
    const scale = Math.max(devicePixelRatio || 1, 1);
    canvas.width = canvas.offsetWidth * scale;
    canvas.height = canvas.offsetHeight * scale;
    canvas.getContext("2d").scale(scale, scale);
    pad.clear();
    pad.fromData(points);
  }

  function told() {
    const strokes = pad.toData();
    const signed = strokes.length > 0;
    input.value = signed
      ? JSON.stringify({ path: pathOf(strokes), width: canvas.offsetWidth, height: canvas.offsetHeight })
      : "";
    root.classList.toggle("signed", signed);
    for (const button of root.querySelectorAll("[data-act]")) button.disabled = !signed;
  }

  root.addEventListener("click", (event) => {
    const act = event.target.closest("[data-act]")?.dataset.act;
    if (act === "clear") pad.clear();
    else if (act === "undo") pad.fromData(pad.toData().slice(0, -1));
    else return;
    told();
  });
  pad.addEventListener("endStroke", told);
  new ResizeObserver(fit).observe(canvas);
  root.classList.add("drawable");
  fit();
  told();
}

/** Quadratic curves through the middles of the points: smooth, and small enough to keep. */
function pathOf(strokes) {
  const round = (value) => Math.round(value * 10) / 10;
  return strokes
    .map(({ points }) => {
      const [first, ...rest] = points.map(({ x, y }) => [round(x), round(y)]);
      if (!rest.length) return `M${first[0]} ${first[1]}L${first[0] + 0.5} ${first[1] + 0.5}`;
      const curves = rest.slice(0, -1).map(([x, y], place) => {
        const [nx, ny] = rest[place + 1];
        return `Q${x} ${y} ${round((x + nx) / 2)} ${round((y + ny) / 2)}`;
      });
      const [lx, ly] = rest[rest.length - 1];
      return `M${first[0]} ${first[1]}${curves.join("")}L${lx} ${ly}`;
    })
    .join("");
}
