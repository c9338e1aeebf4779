"""Pictures of staves for the tests of their page."""

from __future__ import annotations

import random

from duanban.model import Layer
from duanban.staves.interface import CurvePoint
from duanban.staves.picture import LayerCount, Node, Picture, PictureStave


def small() -> Picture:
    """Return three staves: a list, a cycle, and one that is doubtful."""
    nodes = (
        Node("engine", "missing source", Layer.LIBRARY, item=True),
        Node("engine-dev", "package", Layer.LIBRARY),
        Node("browser", "missing source", Layer.APPLICATION, item=True),
        Node("reader", "missing source", Layer.APPLICATION, item=True),
        Node("compiler", "missing source", Layer.TOOLCHAIN, item=True),
        Node("gcc-arm-cross", "broken package", None, item=True),
    )
    staves = (
        PictureStave(
            "engine",
            "architecture list, bootstrap cycle",
            Layer.LIBRARY,
            3,
            3,
            (0, 2, 3),
            (0,),
            chosen=True,
            details=("its list is amd64",),
        ),
        PictureStave("compiler", "bootstrap cycle", Layer.TOOLCHAIN, 1, 1, (4,), (4,)),
        PictureStave(
            "gcc", "absent binary", Layer.TOOLCHAIN, 1, 1, (5,), (5,), doubt="for other machines"
        ),
    )
    layers = tuple(
        LayerCount(layer, 0 if layer in (Layer.CHIP, Layer.CRYPTO) else 100, held)
        for layer, held in zip(Layer, (0, 0, 2, 0, 1, 0, 0, 2, 0), strict=True)
    )
    curve = tuple(CurvePoint(n, value, value) for n, value in enumerate((0, 3, 4, 5)))
    edges = ((1, 0), (2, 1), (3, 1), (3, 2))
    return Picture(
        "Short staves of here", "here", "here against there", layers, nodes, edges, staves, 1, 3, 3,
        curve,
    )  # fmt: skip


def large(items: int = 1_000, staves: int = 600) -> Picture:
    """Return a picture of a whole distribution."""
    dice = random.Random(1)
    layers = list(Layer)
    nodes = [Node(f"source-{n}", "missing source", dice.choice(layers)) for n in range(staves)]
    nodes += [
        Node(f"held-back-package-{n}", "broken package", dice.choice(layers), item=True)
        for n in range(items)
    ]
    # The first staves hold back most; a third of the items waits by way of another one.
    edges = []
    behind: list[list[int]] = [[] for _ in nodes]
    for item in range(staves, len(nodes)):
        other = int(dice.random() ** 3 * staves)
        if item > staves + 9 and dice.random() < 0.3:
            other = dice.randrange(staves, item)
        edges.append((item, other))
        while True:
            behind[other].append(item)
            if other < staves:
                break
            other = next(to for start, to in edges if start == other)
    made = sorted(
        (
            PictureStave(
                nodes[n].name,
                dice.choice(["architecture list", "bootstrap cycle", "absent binary"]),
                nodes[n].layer,
                len(behind[n]),
                len(behind[n]),
                tuple(behind[n]),
                (n,),
                chosen=n < 10,
                details=("its list is amd64 arm64 armhf i386 ppc64el s390x",),
            )
            for n in range(staves)
        ),
        key=lambda stave: -stave.alone,
    )
    counts = tuple(LayerCount(layer, 5_000, items // 9) for layer in Layer)
    curve = tuple(CurvePoint(n, items * n // staves, items * n // staves) for n in range(staves))
    return Picture(
        "Short staves of large", "large", "large against larger", counts, tuple(nodes),
        tuple(edges), tuple(made), 10, 200, 220, curve,
    )  # fmt: skip


def hostile() -> Picture:
    """Return a picture whose names try to be more than names."""
    evil = "</script><script>document.title='owned'</script>\u202e\"' onload=x\n<b>"
    stave = PictureStave(evil, evil, None, 1, 1, (0,), (0,), doubt=evil, details=(evil,))
    layers = tuple(LayerCount(layer, 0, 0) for layer in Layer)
    return Picture(evil, evil, evil, layers, (Node(evil, evil, None, item=True),), (), (stave,))
