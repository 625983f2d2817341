"""What of PDF/UA-1 (ISO 14289-1) can be tested on the bytes: identification, tags, annotations.

Whether a heading is a heading and an alternative text tells what is seen, only people can say.
"""

from collections.abc import Iterator
from typing import Any

import pikepdf

NAMESPACE = "http://www.aiim.org/pdfua/ns/id/"
IDENTIFICATION = f"""\
<rdf:Description rdf:about="" xmlns:pdfuaid="{NAMESPACE}" pdfuaid:part="1" />\
<rdf:Description rdf:about="" xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/" \
xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#" \
xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#">\
<pdfaExtension:schemas><rdf:Bag><rdf:li rdf:parseType="Resource">\
<pdfaSchema:schema>PDF/UA identification</pdfaSchema:schema>\
<pdfaSchema:namespaceURI>{NAMESPACE}</pdfaSchema:namespaceURI>\
<pdfaSchema:prefix>pdfuaid</pdfaSchema:prefix>\
<pdfaSchema:property><rdf:Seq><rdf:li rdf:parseType="Resource">\
<pdfaProperty:name>part</pdfaProperty:name>\
<pdfaProperty:valueType>Integer</pdfaProperty:valueType>\
<pdfaProperty:category>internal</pdfaProperty:category>\
<pdfaProperty:description>Part of ISO 14289 that the file conforms to</pdfaProperty:description>\
</rdf:li></rdf:Seq></pdfaSchema:property>\
</rdf:li></rdf:Bag></pdfaExtension:schemas></rdf:Description>"""
END_OF_RDF = b"</rdf:RDF>"

STANDARD = frozenset((
    "/Document", "/Part", "/Art", "/Sect", "/Div", "/BlockQuote", "/Caption", "/TOC", "/TOCI",
    "/Index", "/NonStruct", "/Private", "/P", "/H", "/H1", "/H2", "/H3", "/H4", "/H5", "/H6", "/L",
    "/LI", "/Lbl", "/LBody", "/Table", "/TR", "/TH", "/TD", "/THead", "/TBody", "/TFoot", "/Span",
    "/Quote", "/Note", "/Reference", "/BibEntry", "/Code", "/Link", "/Annot", "/Ruby", "/RB", "/RT",
    "/RP", "/Warichu", "/WT", "/WP", "/Figure", "/Formula", "/Form",
))  # fmt: skip
PAINTING = frozenset((
    "Tj", "TJ", "'", '"', "Do", "f", "F", "f*", "S", "s", "B", "B*", "b", "b*", "sh",
    "INLINE IMAGE",
))  # fmt: skip
ELEMENT_OF = {"/Widget": "/Form", "/Link": "/Link"}
UNSEEN_FLAGS = 2 | 32  # hidden, no view

Found = tuple[str, str]
Parents = dict[int, Any]
Hanging = frozenset[tuple[int, int]]  # the elements that the structure tree reaches


def identified(rdf: bytes) -> bytes:
    """Return XMP that says PDF/UA-1 besides what it says already.

    PDF/A lets a file use only properties that it knows or that the file itself describes: hence
    the description of the one property.
    """
    head, end, tail = rdf.rpartition(END_OF_RDF)
    return head + IDENTIFICATION.encode() + end + tail


def shortcomings(document: Any) -> Iterator[Found]:
    """Yield (rule, detail) of everything found that keeps the file from being PDF/UA-1."""
    yield from _identity(document)
    yield from _elements(document)
    yield from _headings(document)
    root = document.Root.get("/StructTreeRoot", {})
    parents = _parents(root.get("/ParentTree", {}))
    hanging = frozenset(element.objgen for element in _tree(root))
    for number, page in enumerate(document.pages, start=1):
        for rule, detail in _page(page, parents, hanging):
            yield rule, f"{detail} on page {number}"


def _identity(document: Any) -> Iterator[Found]:
    if "/Metadata" in document.Root:
        with document.open_metadata(set_pikepdf_as_editor=False) as metadata:
            if metadata.get(f"{{{NAMESPACE}}}part") != "1":
                yield "pdfua", "does not identify itself as PDF/UA-1"
        said = f"<pdfaSchema:namespaceURI>{NAMESPACE}<".encode()
        if said not in document.Root.Metadata.read_bytes():
            yield "extension-schema", "pdfuaid is used and not described"
    if document.Root.get("/MarkInfo", {}).get("/Suspects"):
        yield "tags", "its tags are marked as suspect"
    for item in document.objects:
        if isinstance(item, pikepdf.Dictionary) and item.get("/Type") == "/Filespec":
            missing = [key for key in ("/F", "/UF") if key not in item]
            if missing:
                yield "attachment", f"a file specification lacks {' and '.join(missing)}"


def _elements(document: Any) -> Iterator[Found]:
    roles = document.Root.get("/StructTreeRoot", {}).get("/RoleMap", {})
    elements = list(_tree(document.Root.get("/StructTreeRoot", {})))
    named = {text for element in elements for text in _headers(element)}
    for element in elements:
        kind = str(element.S)
        if kind not in STANDARD and kind not in roles:
            yield "role", f"{kind} is no standard structure type, and no role is given for it"
        if kind == "/TH" and not _scope(element) and str(element.get("/ID", "")) not in named:
            yield "table-header", "a header cell has no scope, and no cell names it as its header"


def _tree(root: Any) -> Iterator[Any]:
    """Yield the structure elements that hang on the root, in reading order."""
    waiting, seen = [root], set()
    while waiting:
        current = waiting.pop()
        if current.get("/S") is not None:
            yield current
        for kid in reversed(_kids(current)):
            if isinstance(kid, pikepdf.Dictionary) and "/S" in kid and kid.objgen not in seen:
                seen.add(kid.objgen)
                waiting.append(kid)


def _attributes(element: Any) -> list[Any]:
    held = element.get("/A")
    held = list(held) if isinstance(held, pikepdf.Array) else [held]
    return [each for each in held if isinstance(each, pikepdf.Dictionary)]


def _scope(element: Any) -> bool:
    return any("/Scope" in each for each in _attributes(element))


def _headers(element: Any) -> Iterator[str]:
    for each in _attributes(element):
        yield from (str(name) for name in each.get("/Headers", []))


def _headings(document: Any) -> Iterator[Found]:
    """Headings start with H1 and go down one level at a time."""
    level = 0
    for element in _tree(document.Root.get("/StructTreeRoot", {})):
        kind = str(element.S)
        if len(kind) == 3 and kind[1] == "H" and kind[2].isdigit():
            if int(kind[2]) > level + 1:
                yield "headings", f"H{kind[2]} follows {f'H{level}' if level else 'nothing'}"
            level = int(kind[2])


def _parents(node: Any) -> Parents:
    """Return the parent tree as a table."""
    numbers = list(node.get("/Nums", []))
    table = dict(zip((int(key) for key in numbers[::2]), numbers[1::2], strict=True))
    for kid in node.get("/Kids", []):
        table |= _parents(kid)
    return table


def _page(page: Any, parents: Parents, hanging: Hanging) -> Iterator[Found]:
    annotations = list(page.obj.get("/Annots", []))
    if annotations and page.obj.get("/Tabs") != "/S":
        yield "tab-order", "the order of the tab key is not that of the structure"
    for annotation in annotations:
        if _seen(annotation, page):
            yield from _annotation(annotation, parents)
    yield from _content(page, parents, hanging)


def _seen(annotation: Any, page: Any) -> bool:
    """Return whether there is anything to see; an archive timestamp's field has no area."""
    if annotation.get("/Subtype") == "/Popup" or int(annotation.get("/F", 0)) & UNSEEN_FLAGS:
        return False
    left, bottom, right, top = (float(edge) for edge in annotation.Rect)
    low_x, low_y, high_x, high_y = (float(edge) for edge in page.cropbox)
    return right > low_x and top > low_y and left < high_x and bottom < high_y


def _annotation(annotation: Any, parents: Parents) -> Iterator[Found]:
    kind = str(annotation.get("/Subtype"))
    element = parents.get(int(annotation.get("/StructParent", -1)))
    wanted = ELEMENT_OF.get(kind, "/Annot")
    if not isinstance(element, pikepdf.Dictionary) or element.get("/S") != wanted:
        yield "annotation", f"a {kind[1:]} annotation is not inside a {wanted[1:]} element"
    elif not _refers(element, annotation):
        yield "annotation", f"a {wanted[1:]} element does not refer to its annotation"
    elif not _hangs(element):
        yield "annotation", f"a {wanted[1:]} element is not in the structure tree"
    if kind == "/Widget" and not annotation.get("/TU"):
        yield "field-name", "a field has no name for people"


def _refers(element: Any, annotation: Any) -> bool:
    return any(
        kid.get("/Type") == "/OBJR" and kid.Obj.objgen == annotation.objgen
        for kid in _kids(element)
        if isinstance(kid, pikepdf.Dictionary)
    )


def _hangs(element: Any) -> bool:
    """Return whether the element's parent knows it as its child."""
    parent = element.get("/P")
    return isinstance(parent, pikepdf.Dictionary) and any(
        isinstance(kid, pikepdf.Dictionary) and kid.objgen == element.objgen
        for kid in _kids(parent)
    )


def _kids(element: Any) -> list[Any]:
    kids = element.get("/K")
    return list(kids) if isinstance(kids, pikepdf.Array) else [kids]


def _content(page: Any, parents: Parents, hanging: Hanging) -> Iterator[Found]:
    """Everything painted is either an artifact or belongs to a structure element."""
    elements = parents.get(int(page.obj.get("/StructParents", -1)))
    owners = list(elements) if isinstance(elements, pikepdf.Array) else []
    inside: list[str] = []  # "artifact", "tagged" or "", one for each open sequence
    for operands, operator in pikepdf.parse_content_stream(page):
        name = str(operator)
        if name in ("BDC", "BMC"):
            kind = _marked(operands, owners, hanging)
            if kind == "lost":
                yield "untagged", "marked content belongs to no element of the structure tree"
            elif kind and {"artifact": "tagged", "tagged": "artifact"}[kind] in inside:
                yield "untagged", "an artifact and tagged content lie inside each other"
            inside.append(kind)
        elif name == "EMC" and inside:
            inside.pop()
        elif name in PAINTING and not any(inside):
            yield "untagged", f"{name} paints what is neither tagged nor an artifact"
            return


def _marked(operands: Any, owners: list[Any], hanging: Hanging) -> str:
    if operands[0] == "/Artifact":
        return "artifact"
    properties = operands[1] if len(operands) > 1 else None
    if not isinstance(properties, pikepdf.Dictionary) or "/MCID" not in properties:
        return ""
    number = int(properties.MCID)
    owner = owners[number] if 0 <= number < len(owners) else None
    hangs = isinstance(owner, pikepdf.Dictionary) and owner.objgen in hanging
    return "tagged" if hangs else "lost"
