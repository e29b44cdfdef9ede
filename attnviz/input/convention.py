"""Whether vectors are rows, which stand left of their matrix (x W), or columns, right of it (W x).

With columns every table that is drawn is the transpose of what it is with rows, and the factors of every product
change places, as in (A B)ᵀ = Bᵀ Aᵀ: Q = X W_Q becomes Q = W_Q X, and softmax(Q Kᵀ / √d_k) V becomes
V softmax(Kᵀ Q / √d_k), in which each column of weights adds up to 1. Rows are the convention of Vaswani et al.,
"Attention Is All You Need" (2017), columns that of Phuong and Hutter, "Formal Algorithms for Transformers" (2022).
"""

from __future__ import annotations

from typing import Literal

Convention = Literal["row", "column"]
COMPOSED = "the first must have as many columns as the second has rows"
"""What to do where factors, told as with row vectors, cannot be multiplied."""
