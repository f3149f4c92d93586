"""Samples of einsum: repeated labels, ellipses, broadcasting, and labels that are only summed."""

from tests.samples import Sample, normal

CASES: dict[str, list[tuple[int, ...]]] = {
    "ij,jk->ik": [(2, 3), (3, 2)],
    "ij,jk": [(2, 3), (3, 2)],
    "ba": [(2, 3)],
    "i,i": [(3,), (3,)],
    "i,j->ji": [(2,), (3,)],
    "ij->": [(2, 3)],
    "ij->i": [(2, 3)],
    "ii": [(3, 3)],
    "ii->i": [(3, 3)],
    "iij->ij": [(2, 2, 3)],
    "jii->ij": [(2, 3, 3)],
    "iii->i": [(2, 2, 2)],
    "ijij->ji": [(2, 3, 2, 3)],
    "iji,jk->k": [(2, 3, 2), (3, 2)],
    "ij,kl->il": [(2, 3), (2, 2)],
    "bij,bjk->bik": [(2, 2, 3), (2, 3, 2)],
    "...ij,...jk->...ik": [(2, 2, 3), (3, 2)],
    "...,...": [(2, 3), (3,)],
    "i...->...i": [(2, 3, 2)],
    "...i,i->...": [(2, 1, 3), (3,)],
    "...i,...i": [(2, 1, 3), (4, 3)],
    " i j , j -> i ": [(2, 3), (3,)],
    "ij,ij->ij": [(2, 1), (2, 3)],
    "ij,jk->ik ": [(2, 1), (3, 2)],
    "i,ij->j": [(1,), (3, 2)],
    "ij,jk,kl->il": [(2, 3), (3, 2), (2, 2)],
    "i,j,ij->": [(2,), (3,), (2, 3)],
    ",ij->ij": [(), (2, 2)],
    "ij,j->i": [(2, 0), (0,)],
    "ab,cb->ac": [(2, 3), (4, 3)],
}

SAMPLES = [
    Sample(
        "einsum",
        tuple([normal(*shape, seed=k) for k, shape in enumerate(shapes)]),
        {"subscripts": subscripts},
        has_smooth_formula=False,
    )
    for subscripts, shapes in CASES.items()
]
