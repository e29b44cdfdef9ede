"""Pictures drawn on nothing: from the colours that Cairo keeps to those that video editors expect.

Cairo keeps *premultiplied* colours: an edge pixel of white text that is half covered is grey, and half covered.
Editors expect *straight* ones: white, and half covered. Left as they are, edges would get dark halos on white.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

BLOCK = 8  # the side of the squares in which ProRes encodes colours


def straight(pixels: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """Return premultiplied RGBA pixels as straight ones.

    Where nothing is drawn the colour means nothing; it is that of what is drawn in the same square, so that a
    codec with losses (or an editor that scales) has no black to mix into the edges.
    """
    alpha = pixels[..., 3]
    result = np.empty_like(pixels)
    result[..., :3] = _spread(_colours_of_blocks(pixels), alpha.shape)
    result[..., 3] = alpha
    full = alpha == 255
    result[full] = pixels[full]
    rows, columns = np.nonzero((alpha > 0) & ~full)
    covered = alpha[rows, columns, None].astype(np.uint32)
    colours = (pixels[rows, columns, :3] * np.uint32(255) + covered // 2) // covered
    result[rows, columns, :3] = np.minimum(colours, 255)
    return result


def _colours_of_blocks(pixels: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """Return for each square the mean colour of what is drawn in it (black where that is nothing)."""
    height, width = pixels.shape[:2]
    rows = np.add.reduceat(pixels, np.arange(0, height, BLOCK), axis=0, dtype=np.uint16)
    sums = np.add.reduceat(rows, np.arange(0, width, BLOCK), axis=1, dtype=np.uint32)
    return np.minimum(sums[..., :3] * 255 // np.maximum(sums[..., 3:], 1), 255).astype(np.uint8)


def _spread(blocks: npt.NDArray[np.uint8], shape: tuple[int, ...]) -> npt.NDArray[np.uint8]:
    """Return the squares' colours for every pixel."""
    height, width = shape
    return blocks.repeat(BLOCK, 0)[:height].repeat(BLOCK, 1)[:, :width]
