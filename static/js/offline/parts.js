/**
 * What a page seldom shows (templates/pwa/parts.html): dialogs, and the place for handing in, with the style
 * sheet that the form does without.  Asked for once; the worker has it by then.
 */
import { Offline } from "./door.js";

let asked;

/** Resolves to a copy of the template of this name: {data, content}.  Throws Offline. */
export async function part(name) {
  asked ??= fetched().then(styled).catch((error) => {
    asked = undefined;
    throw error;
  });
  const template = (await asked).getElementById(name);
  return { data: { ...template.dataset }, content: document.importNode(template.content, true) };
}

async function styled(parts) {
  const sheet = document.importNode(parts.querySelector("link"));
  if (document.querySelector(`link[href="${sheet.getAttribute("href")}"]`)) return parts;
  const done = new Promise((resolve) => {
    sheet.onload = sheet.onerror = resolve; // without it, it is readable all the same
  });
  document.head.append(sheet);
  await done;
  return parts;
}

/** The browser parses it: a page may make no elements of text (Trusted Types). */
function fetched() {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("GET", "/parts");
    request.responseType = "document";
    request.onload = () => {
      if (request.response?.getElementById("dialogs")) resolve(request.response);
      else reject(new Offline());
    };
    request.onerror = () => reject(new Offline());
    request.send();
  });
}
