/**
 * Photos taken or chosen: scaled on the phone, named by the digest of their bytes, kept until the
 * server has them.  Needs a secure context; elsewhere the plain form sends the files.
 */
import { thumbnail } from "../fill/answers.js";
import { keepPhoto } from "../offline/store.js";

const QUALITY = 0.82;

/** Takes the files of an input into its question. */
export async function take(root, input, user, words) {
  const files = [...input.files];
  input.value = "";
  const list = root.querySelector(".shots");
  const policy = root.closest("form").dataset; // photoEdge, photoPosition: the office's
  root.setAttribute("aria-busy", "true");
  const shoot = root.querySelector(".shoot");
  const before = shoot?.lastChild.textContent;
  if (shoot) shoot.lastChild.textContent = words.working;
  try {
    for (const file of files) {
      const taken = new Date(file.lastModified || Date.now()).toISOString();
      const capture = await captured(file, policy);
      const { bytes, type } = await scaled(file, Number(policy.photoEdge));
      const sha256 = await digest(bytes);
      if (list.querySelector(`[value^="${sha256}"]`)) continue;
      await keepPhoto({ sha256, user, bytes, type });
      const url = URL.createObjectURL(new Blob([bytes], { type }));
      list.append(thumbnail(root, root.dataset.q, { sha256, taken_at: taken, ...capture }, url));
    }
  } finally {
    root.removeAttribute("aria-busy");
    if (shoot) shoot.lastChild.textContent = before;
  }
}

/**
 * By how much this clock has moved against the monotonic one since the page was opened; and where
 * the phone is, if the office asks for it and the picture was taken just now.
 */
async function captured(file, policy) {
  const drift_ms = Math.round(Date.now() - performance.timeOrigin - performance.now());
  const isFresh = Date.now() - file.lastModified < 120_000;
  if (!("photoPosition" in policy) || !isFresh || !navigator.geolocation) return { drift_ms };
  const found = await new Promise((resolve) => navigator.geolocation.getCurrentPosition(
    resolve, () => resolve(null), { enableHighAccuracy: true, timeout: 8000, maximumAge: 60_000 },
  ));
  if (!found) return { drift_ms }; // refused, or no signal: the photo counts all the same
  const { latitude, longitude, accuracy } = found.coords;
  const metres = Math.min(Math.round(accuracy), 999_999);
  return { drift_ms, position: `${latitude.toFixed(6)},${longitude.toFixed(6)},${metres}` };
}

/** The picture as JPEG, no longer than the office wants; as it is where the phone cannot read it or gains nothing. */
async function scaled(file, edge) {
  const original = { bytes: await file.arrayBuffer(), type: file.type || "application/octet-stream" };
  try {
    const picture = await createImageBitmap(file);
    const ratio = Math.min(1, edge / Math.max(picture.width, picture.height));
    const canvas = document.createElement("canvas");
    canvas.width = Math.round(picture.width * ratio);
    canvas.height = Math.round(picture.height * ratio);
    canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
    picture.close();
    const blob = await new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", QUALITY));
    canvas.width = 0; // gives a small phone its memory back
    const smaller = blob && (blob.size < file.size || file.type !== "image/jpeg");
    return smaller ? { bytes: await blob.arrayBuffer(), type: "image/jpeg" } : original;
  } catch {
    return original;
  }
}

async function digest(bytes) {
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return Array.from(hash, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
