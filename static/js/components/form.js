/**
 * data-module="form": all that belongs to the fill form.  The server gives this file out together with
 * what it imports (webapp/core/scripts.py): one request, and nothing to wait for later.
 */
import fill from "./fill.js";
import jump from "./jump.js";
import sections from "./sections.js";

export default function form(root) {
  sections(root.querySelector(".sections"));
  jump(document.getElementById("jump"));
  return fill(root);
}
