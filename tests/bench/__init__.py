"""Time and bytes of an explanation against what people use today."""
