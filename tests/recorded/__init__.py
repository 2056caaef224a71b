"""Tries the AWS type facts on public recordings of AWS answers, which lie outside of the repository.

See ``tests/recorded/__main__.py``.
"""
