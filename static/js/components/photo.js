/**
 * Photos taken or chosen: scaled on the phone, named by the digest of their bytes, kept until the
 * server has them.  Needs a secure context; elsewhere the plain form sends the files.
 */
import { thumbnail } from "../fill/answers.js";
import { keepPhoto } from "../offline/store.js";

const EDGE_PX = 1600;
const QUALITY = 0.82;

/** Takes the files of an input into its question. */
export async function take(root, input, user, words) {
  const files = [...input.files];
  input.value = "";
  const list = root.querySelector(".shots");
  root.setAttribute("aria-busy", "true");
  const shoot = root.querySelector(".shoot");
  const before = shoot?.lastChild.textContent;
  if (shoot) shoot.lastChild.textContent = words.working;
  try {
    for (const file of files) {
      const taken = new Date(file.lastModified || Date.now()).toISOString();
      const { bytes, type } = await scaled(file);
      const sha256 = await digest(bytes);
      if (list.querySelector(`[value^="${sha256}"]`)) continue;
      await keepPhoto({ sha256, user, bytes, type });
      const url = URL.createObjectURL(new Blob([bytes], { type }));
      list.append(thumbnail(root, root.dataset.q, { sha256, taken_at: taken }, url));
    }
  } finally {
    root.removeAttribute("aria-busy");
    if (shoot) shoot.lastChild.textContent = before;
  }
}

/** The picture as JPEG of at most 1600 px; as it is where the phone cannot read it or gains nothing. */
async function scaled(file) {
  const original = { bytes: await file.arrayBuffer(), type: file.type || "application/octet-stream" };
  try {
    const picture = await createImageBitmap(file);
    const ratio = Math.min(1, EDGE_PX / Math.max(picture.width, picture.height));
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
