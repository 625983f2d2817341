/** data-module="poll" data-url="…" data-state="queued": asks how far a thing is and shows the page anew when it has moved on. */
export default function poll(root) {
  let wait = 1500;
  const ask = async () => {
    if (!document.hidden) {
      try {
        const answer = await fetch(root.dataset.url, { headers: { Accept: "application/json" } });
        const moved = answer.ok ? (await answer.json()).state !== root.dataset.state : answer.status < 500;
        if (moved) return location.reload();
      } catch {
        // no line just now: ask again later
      }
      wait = Math.min(wait * 1.5, 15000);
    }
    setTimeout(ask, wait);
  };
  setTimeout(ask, wait);
}
