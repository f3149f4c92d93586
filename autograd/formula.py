class Formula:
    pass
