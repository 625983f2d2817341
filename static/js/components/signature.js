/**
 * A place to sign with a finger.  The root has data-label, data-clear and data-undo (words) and a hidden
 * input, which gets {"path", "width", "height"} as JSON: SVG path data in CSS pixels.  The form beside it
 * takes the typed name for those who cannot draw.
 */
import SignaturePad from "../../vendor/signature_pad@5.1.4/signature_pad.min.js";

export default function signature(root) {
  const input = root.querySelector("input[type=hidden]");
  const { canvas, tools, clear, undo } = build(root);
  root.append(canvas, tools);
  const pad = new SignaturePad(canvas, { penColor: getComputedStyle(canvas).color, minWidth: 1.2, maxWidth: 3.2 });

  function told() {
    const strokes = pad.toData();
    const { offsetWidth: width, offsetHeight: height } = canvas;
    input.value = strokes.length ? JSON.stringify({ path: pathOf(strokes), width, height }) : "";
    clear.disabled = undo.disabled = !strokes.length;
    if (strokes.length) input.dispatchEvent(new Event("input", { bubbles: true })); // something is half done here
  }

  function fit() {
    const strokes = pad.toData();
    const scale = Math.max(devicePixelRatio || 1, 1);
    canvas.width = canvas.offsetWidth * scale;
    canvas.height = canvas.offsetHeight * scale;
    canvas.getContext("2d").scale(scale, scale);
    pad.clear();
    pad.fromData(strokes);
  }

  clear.addEventListener("click", () => {
    pad.clear();
    told();
  });
  undo.addEventListener("click", () => {
    const rest = pad.toData().slice(0, -1);
    pad.clear();
    pad.fromData(rest);
    told();
  });
  pad.addEventListener("endStroke", told);
  new ResizeObserver(fit).observe(canvas);
  told();
}

function build(root) {
  const make = (name, properties) => Object.assign(document.createElement(name), properties);
  const canvas = make("canvas", { className: "pad-box" });
  canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-label", root.dataset.label);
  const label = make("span", { className: "hint", textContent: root.dataset.label });
  const button = { type: "button", className: "button button-quiet" };
  const undo = make("button", { ...button, textContent: root.dataset.undo });
  const clear = make("button", { ...button, textContent: root.dataset.clear });
  const tools = make("div", { className: "pad-tools" });
  tools.append(label, undo, clear);
  return { canvas, tools, clear, undo };
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
