/** Marks the part of the form that is being read in the list of parts, and keeps it in view. */
export default function sections(nav) {
  const links = new Map([...nav.querySelectorAll("a")].map((link) => [link.hash.slice(1), link]));
  const seen = new Set();
  let current;
  const watch = new IntersectionObserver(
    (entries) => {
      for (const { target, isIntersecting } of entries) {
        if (isIntersecting) seen.add(target.id);
        else seen.delete(target.id);
      }
      const id = [...links.keys()].find((one) => seen.has(one));
      if (!id || id === current) return;
      links.get(current)?.removeAttribute("aria-current");
      const link = links.get(id);
      link.setAttribute("aria-current", "true");
      current = id;
      nav.scrollTo({ left: link.offsetLeft - 16, behavior: "smooth" });
    },
    { rootMargin: "-110px 0px -60% 0px" },
  );
  for (const id of links.keys()) watch.observe(document.getElementById(id));
}
