"""archmagic inside IPython: the extension, the magics, the hook, the link and the widget.

The only folder that knows of IPython, ipywidgets and anywidget. `extension.load` is what `%load_ext archmagic` calls; it imports none of
torch, ipywidgets and anywidget, and makes no widget: those wait for the first explanation that is shown.
"""
