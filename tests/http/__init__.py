# ruff: noqa: A005  (named after the layer it tests; nothing imports it by the bare name)
