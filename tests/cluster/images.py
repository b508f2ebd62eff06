"""x"""


def images() -> dict[str, str]:
    return {}
