"""The signature's place on the page: its appearance, and its node in the structure tree.

PDF/A asks every visible widget for an appearance whose fonts are embedded (pyHanko's default
text does not comply); PDF/UA asks that a widget sit inside a ``Form`` structure element.
"""

from io import BytesIO
from typing import Any

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.content import RawContent, ResourceType
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.layout import BoxConstraints
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import enumerate_sig_fields

FRAME = "q 0.64 0.16 0.13 RG 0.75 w 1 1 {w:.2f} {h:.2f} re S Q"


def dress(
    writer: Any, field: str, page: int, appearance: bytes | None, *, framed: bool = True
) -> None:
    """Give a new field's widget an appearance and, in a tagged file, a structure element.

    Without an ``appearance`` a thin frame is drawn, or nothing where it is not to be ``framed``.
    """
    reference = _widget(writer, field)
    widget = reference.get_object()
    widget[pdf_name("/AP")] = _dictionary(N=_appearance(writer, widget, appearance, framed))
    if "/StructTreeRoot" in writer.root:
        _tag(writer, reference, page)


def show(writer: Any, field: str, appearance: bytes | None) -> None:
    """Draw in a field that is there already; its place in the structure tree stays.

    :raises IndexError: there is no such field.
    """
    widget = _widget(writer, field).get_object()
    widget[pdf_name("/AP")] = _dictionary(N=_appearance(writer, widget, appearance, framed=True))
    writer.update_container(widget)


def _widget(writer: Any, field: str) -> Any:
    for _, _, reference in enumerate_sig_fields(writer, with_name=field):
        return reference
    raise IndexError(f"there is no field {field}")


def _appearance(writer: Any, widget: Any, pdf: bytes | None, framed: bool) -> Any:
    """Return the form XObject to show: nothing, a frame, or the page that was given."""
    left, bottom, right, top = (float(value) for value in widget["/Rect"])
    width, height = right - left, top - bottom
    if not (width and height):
        return writer.add_object(RawContent(b"", box=BoxConstraints(1, 1)).as_form_xobject())
    box = BoxConstraints(width=width, height=height)
    if pdf is not None:
        return writer.add_object(_page(writer, box, pdf).as_form_xobject())
    drawn = FRAME.format(w=width - 2, h=height - 2).encode() if framed else b""
    return writer.add_object(RawContent(drawn, box=box).as_form_xobject())


def _page(writer: Any, box: Any, pdf: bytes) -> Any:
    """Return drawing operators that scale the given file's only page into the box."""
    source = PdfFileReader(BytesIO(pdf))
    imported = writer.import_page_as_xobject(source)
    left, bottom, right, top = (float(value) for value in imported.get_object()["/BBox"])
    scale = min(box.width / (right - left), box.height / (top - bottom))
    matrix = f"{scale:.5f} 0 0 {scale:.5f} {-left * scale:.3f} {-bottom * scale:.3f}"
    content = RawContent(f"q {matrix} cm /Page Do Q".encode(), box=box)
    content.set_resource(ResourceType.XOBJECT, pdf_name("/Page"), imported)
    return content


def _tag(writer: Any, widget_reference: Any, page: int) -> None:
    """Hang the widget into the structure tree: a Form element, and a line in the parent tree."""
    root = writer.root["/StructTreeRoot"]
    page_reference = writer.find_page_for_modification(page)[0]
    children, parent_reference = _top(writer, root)
    element = writer.add_object(
        _dictionary(
            Type=pdf_name("/StructElem"),
            S=pdf_name("/Form"),
            P=parent_reference,
            Pg=page_reference,
            K=_dictionary(Type=pdf_name("/OBJR"), Obj=widget_reference, Pg=page_reference),
        )
    )
    children.append(element)
    writer.update_container(children)
    key = _claim_key(writer, root, element)
    widget_reference.get_object()[pdf_name("/StructParent")] = generic.NumberObject(key)
    page_object = page_reference.get_object()
    page_object[pdf_name("/Tabs")] = pdf_name("/S")
    writer.mark_update(page_reference)


def _top(writer: Any, root: Any) -> tuple[Any, Any]:
    """Return the children of the tree's Document element, and a reference to that element."""
    kids = root.raw_get("/K")
    first = kids[0] if isinstance(kids := kids.get_object(), generic.ArrayObject) else kids
    reference = kids.raw_get(0) if isinstance(kids, generic.ArrayObject) else root.raw_get("/K")
    inside = first.raw_get("/K") if "/K" in first else generic.ArrayObject()
    children = inside.get_object()
    if not isinstance(children, generic.ArrayObject):
        children = generic.ArrayObject([inside])
        first[pdf_name("/K")] = children
        writer.update_container(first)
    return children, reference


def _claim_key(writer: Any, root: Any, element: Any) -> int:
    """Enter the element into the parent tree under the next free number, and return that."""
    tree = root["/ParentTree"]
    leaf = tree
    while "/Kids" in leaf:
        leaf = leaf["/Kids"][-1]
    numbers = leaf["/Nums"]
    key = max(int(root.get("/ParentTreeNextKey", 0)), int(numbers[-2]) + 1 if numbers else 0)
    numbers.extend([generic.NumberObject(key), element])
    writer.update_container(numbers)
    if "/Limits" in leaf:
        leaf["/Limits"][1] = generic.NumberObject(key)
        writer.update_container(leaf)
    root[pdf_name("/ParentTreeNextKey")] = generic.NumberObject(key + 1)
    writer.update_container(root)
    return key


def _dictionary(**entries: Any) -> Any:
    return generic.DictionaryObject({pdf_name(f"/{key}"): entries[key] for key in entries})
