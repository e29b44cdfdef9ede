"""Signals of a program that a test starts: it hears them, though whoever runs the tests may ignore them, as nohup does."""

HEARS = """\
import signal
signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGHUP, signal.SIG_DFL)
signal.signal(signal.SIGTERM, signal.SIG_DFL)
"""
