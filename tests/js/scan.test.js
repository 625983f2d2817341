import assert from "node:assert/strict";
import { test } from "node:test";

import { codeIn } from "../../static/js/components/scan.js";

test("a code of ours is found at the end of its address", () => {
  assert.equal(codeIn("https://verify.example.cn/verify/FXGWNMGTWU"), "FXGWNMGTWU");
  assert.equal(codeIn(" http://127.0.0.1:8000/verify/fxgwnmgtwu/ "), "FXGWNMGTWU");
});

test("anything else is no code", () => {
  for (const text of ["", "FXGWNMGTWU", "https://example.cn/", "javascript:alert(1)", "https://x/verify/../a", "https://x/verify/A?b=1"])
    assert.equal(codeIn(text), "", text);
});
