"""Sessions at the prompt that several tests expect."""

SESSION = """\
[0/8] seed   ∂최종 금액/∂최종 금액 = 1
(bdb) s
[1/8] ×  → input 0 (650)      1 × 1.1 = 1.1     ∂z/∂x = y = 소비세
(bdb) unt 사과 가격
[7/8] ×  → input 0 (사과 가격)  1.1 × 2 = 2.2     ∂z/∂x = y = 사과 개수      사과 가격.grad: – → 2.2
(bdb) explain
∂최종 금액/∂사과 가격 = 2.2
  1 path: 최종 금액 ─×소비세 1.1→ 650 ─+ 1→ 200 ─×사과 개수 2→ 사과 가격     1.1 · 1 · 2 = 2.2
  reading: 사과 가격 + 1 → 최종 금액 + 2.2      central difference: 2.2 ok
"""
"""How the session of the documents begins, line by line."""
