"""The files of a run, their formats, written and read; not what they mean, nor how it is shown."""
