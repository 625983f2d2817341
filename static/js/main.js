/**
 * The only script a page names.  It marks the page as scripted and loads, for each element with
 * data-module="name", components/name.js, whose default export takes that element.
 * A component that fails leaves the page as the server made it.
 */
document.documentElement.classList.add("js");

for (const root of document.querySelectorAll("[data-module]")) {
  for (const name of root.dataset.module.split(" ")) {
    import(`./components/${name}.js`)
      .then((component) => component.default(root))
      .catch((error) => console.error(name, error));
  }
}
